// Package replies lays replies out as mail clients do: seventeen of them, as text and as HTML. The
// tests of the reader and of the whole machine read what it writes.
package replies

import (
	"html"
	"strings"
)

// ReplyTo stands for the reply address.
const ReplyTo = "r.k4ab3k7q2mzfx5ytnc4w6ojdlh2s7r5e3g4i6k2m4o6q2s@reply.mend.example"

// Client is how a mail client lays a reply out. ReplyTo in what it writes stands for the reply address.
type Client struct {
	Name     string
	Unmarked bool // nothing but the letter's words tells the quote
	Text     func(words, quoted string) string
	Page     func(words, quoted string) string
}

func mark(s string, width int) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		for wrapped := range strings.SplitSeq(wrap(strings.TrimRight(line, "\n"), width), "\n") {
			b.WriteString(strings.TrimRight("> "+wrapped, " ") + "\n")
		}
	}
	return b.String()
}

// safe rewrites links as Outlook's gateways do.
func safe(s, gateway string) string {
	return strings.ReplaceAll(s, "https://mend.example/", gateway+"url=https%3A%2F%2Fmend.example%2F")
}

const (
	safelinks = "https://eur01.safelinks.protection.outlook.com/?"
	mimecast  = "https://protect-eu.mimecast.com/s/Xy12CabcD34?"
	block     = "From: Mend <" + ReplyTo + ">\nSent: Thursday, March 5, 2026 7:02 AM\nTo: Ana Example <ana@example.net>\nSubject: A few minutes\n\n"
	headHTML  = "<b>From:</b> Mend &lt;" + ReplyTo + "&gt;<br><b>Sent:</b> Thursday, March 5, 2026 7:02 AM<br><b>To:</b> Ana Example &lt;ana@example.net&gt;<br><b>Subject:</b> A few minutes"
)

// Clients are the seventeen layouts.
var Clients = []Client{
	{"Gmail, web", false,
		func(w, q string) string {
			return w + "\n\nOn Thu, Mar 5, 2026 at 7:02 AM Mend <" + ReplyTo + ">\nwrote:\n\n" + mark(q, 74)
		},
		func(w, q string) string {
			return `<div dir="ltr">` + divs(w) + `</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">On Thu, Mar 5, 2026 at 7:02 AM Mend &lt;<a href="mailto:` + ReplyTo + `">` + ReplyTo + `</a>&gt; wrote:<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex"><u></u>` + q + `</blockquote></div>`
		}},
	{"Gmail, Android", false,
		func(w, q string) string {
			return w + "\n\nOn Thu, 5 Mar 2026, 07:02 Mend, <" + ReplyTo + "> wrote:\n\n" + mark(q, 74)
		},
		func(w, q string) string {
			return `<div dir="auto">` + divs(w) + `</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Thu, 5 Mar 2026, 07:02 Mend, &lt;` + ReplyTo + `&gt; wrote:<br></div><blockquote class="gmail_quote">` + q + `</blockquote></div>`
		}},
	{"iOS Mail", false,
		func(w, q string) string {
			return w + "\n\nSent from my iPhone\n\n> On 5 Mar 2026, at 07:02, Mend <" + ReplyTo + "> wrote:\n> \n" + mark(q, 400)
		},
		func(w, q string) string {
			return `<html><body dir="auto">` + divs(w) + `<div><br></div><div dir="ltr">Sent from my iPhone</div><div dir="ltr"><br><blockquote type="cite">On 5 Mar 2026, at 07:02, Mend &lt;` + ReplyTo + `&gt; wrote:<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">` + q + `</div></blockquote></body></html>`
		}},
	{"Apple Mail", false,
		func(w, q string) string {
			return w + "\n\n> On 5 Mar 2026, at 07:02, Mend <" + ReplyTo + "> wrote:\n> \n" + mark(q, 400)
		},
		func(w, q string) string {
			return `<html><body style="overflow-wrap: break-word;">` + divs(w) + `<br id="lineBreakAtBeginningOfMessage"><div><br><blockquote type="cite"><div>On 5 Mar 2026, at 07:02, Mend &lt;` + ReplyTo + `&gt; wrote:</div><br class="Apple-interchange-newline"><div>` + q + `</div></blockquote></div><br></body></html>`
		}},
	{"Outlook, desktop", false,
		func(w, q string) string {
			return w + "\n\n" + block + strings.ReplaceAll(safe(q, safelinks), "\n", "\n\n")
		},
		func(w, q string) string {
			return `<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style>p.MsoNormal{margin:0}</style></head><body lang=EN><div class=WordSection1>` + paragraphs(w, " class=MsoNormal") + `<p class=MsoNormal><o:p>&nbsp;</o:p></p><div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal>` + headHTML + `<o:p></o:p></p></div></div><p class=MsoNormal><o:p>&nbsp;</o:p></p>` + safe(q, safelinks) + `</div></body></html>`
		}},
	{"Outlook, web", false,
		func(w, q string) string {
			return w + "\n________________________________\n" + block + safe(q, safelinks)
		},
		func(w, q string) string {
			return `<html><body dir="ltr"><div class="elementToProof">` + divs(w) + `</div><div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri">` + headHTML + `</font><div>&nbsp;</div></div>` + safe(q, safelinks) + `</body></html>`
		}},
	{"Outlook, mobile", false,
		func(w, q string) string {
			return w + "\n\nGet Outlook for iOS<https://aka.ms/o0ukef>\n________________________________\n" + block + q
		},
		func(w, q string) string {
			return `<html><body>` + divs(w) + `<div id="ms-outlook-mobile-signature">Get <a href="https://aka.ms/o0ukef">Outlook for iOS</a></div><div id="mail-editor-reference-message-container" class="ms-outlook-mobile-reference-message"><hr><div id="divRplyFwdMsg">` + headHTML + `</div>` + q + `</div></body></html>`
		}},
	{"Yahoo", false,
		func(w, q string) string {
			return w + "\n\n    On Thursday, March 5, 2026 at 07:02:04 AM GMT+1, Mend <" + ReplyTo + "> wrote:  \n \n " + strings.ReplaceAll(q, "\n", "\n ")
		},
		func(w, q string) string {
			return `<html><body><div class="ydp1-yahoo-style-wrap">` + divs(w) + `<div><br></div></div><div id="ydp2yahoo_quoted_123" class="ydp2yahoo_quoted"><div style="font-family:'Helvetica Neue'"><div>On Thursday, March 5, 2026 at 07:02:04 AM GMT+1, Mend &lt;` + ReplyTo + `&gt; wrote:</div><div><br></div><div>` + q + `</div></div></div></body></html>`
		}},
	{"Samsung", false,
		func(w, q string) string {
			return w + "\n\n\nSent from my Galaxy\n\n\n-------- Original message --------\nFrom: Mend <" + ReplyTo + "> \nDate: 05/03/2026  07:02  (GMT+01:00) \nTo: ana@example.net \nSubject: A few minutes \n\n" + strings.ReplaceAll(q, "\n\n", "\n")
		},
		func(w, q string) string {
			return `<html><body dir="auto">` + divs(w) + `<div dir="auto"><br></div><div id="composer_signature" dir="auto"><div style="font-size:12px">Sent from my Galaxy</div></div><div dir="auto"><br></div><div><br></div><div align="left" dir="auto" style="font-size:100%"><div>-------- Original message --------</div><div>From: Mend &lt;` + ReplyTo + `&gt; </div><div>Date: 05/03/2026  07:02  (GMT+01:00) </div><div>To: ana@example.net </div><div>Subject: A few minutes </div><div><br></div></div>` + q + `</body></html>`
		}},
	{"GMX", false,
		func(w, q string) string {
			return w + "\n\n\nGesendet: Donnerstag, 05. März 2026 um 07:02\nVon: Mend <" + ReplyTo + ">\nAn: ana@example.net\nBetreff: A few minutes\n" + q
		},
		func(w, q string) string {
			return `<html><body><div style="font-family: Verdana;">` + divs(w) + `<div>&nbsp;<div name="quote" style="margin:10px 5px 5px 10px; border-left:2px solid #C3D9E5;"><div style="margin:0 0 10px 0;"><b>Gesendet:</b>&nbsp;Donnerstag, 05. März 2026 um 07:02<br/><b>Von:</b>&nbsp;Mend &lt;` + ReplyTo + `&gt;<br/><b>An:</b>&nbsp;ana@example.net<br/><b>Betreff:</b>&nbsp;A few minutes</div><div name="quoted-content">` + q + `</div></div></div></div></body></html>`
		}},
	{"Thunderbird", false,
		func(w, q string) string { return w + "\n\nOn 05/03/2026 07:02, Mend wrote:\n" + mark(q, 72) },
		func(w, q string) string {
			return `<html><body>` + paragraphs(w, "") + `<p><br></p><div class="moz-cite-prefix">On 05/03/2026 07:02, Mend wrote:<br></div><blockquote type="cite" cite="mid:x@mend.test">` + q + `</blockquote></body></html>`
		}},
	{"Proton", false,
		func(w, q string) string {
			return w + "\n\nSent with [Proton Mail](https://proton.me/mail/home) secure email.\n\nOn Thursday, March 5th, 2026 at 7:02 AM, Mend <" + ReplyTo + "> wrote:\n\n" + mark(q, 76)
		},
		func(w, q string) string {
			return divs(w) + `<div class="protonmail_signature_block"><div class="protonmail_signature_block-proton">Sent with <a href="https://proton.me/">Proton Mail</a> secure email.</div></div><div class="protonmail_quote">On Thursday, March 5th, 2026 at 7:02 AM, Mend &lt;` + ReplyTo + `&gt; wrote:<br><br><blockquote class="protonmail_quote" type="cite">` + q + `</blockquote></div>`
		}},
	{"Fastmail", false,
		func(w, q string) string { return w + "\n\nOn Thu, 5 Mar 2026, at 7:02 AM, Mend wrote:\n" + mark(q, 72) },
		func(w, q string) string {
			return `<!DOCTYPE html><html><head><style>p.MsoNormal{}</style></head><body>` + divs(w) + `<div><br></div><div>On Thu, 5 Mar 2026, at 7:02 AM, Mend wrote:</div><blockquote type="cite" id="qt" style="">` + q + `</blockquote><div><br></div></body></html>`
		}},
	{"K-9", false,
		func(w, q string) string {
			return w + "\n-- \nSent from my Android device with K-9 Mail. Please excuse my brevity.\n\nOn 5 March 2026 07:02:11 CET, Mend <" + ReplyTo + "> wrote:\n" + mark(q, 78)
		},
		func(w, q string) string {
			return `<!DOCTYPE html><html><body>` + strings.ReplaceAll(html.EscapeString(w), "\n", "<br>\n") + `<br>-- <br>Sent from my Android device with K-9 Mail. Please excuse my brevity.<br><br><div class="gmail_quote">On 5 March 2026 07:02:11 CET, Mend &lt;` + ReplyTo + `&gt; wrote:<blockquote class="gmail_quote" style="margin: 0pt 0pt 0pt 0.8ex;">` + q + `</blockquote></div></body></html>`
		}},
	{"Notes", false,
		func(w, q string) string {
			return w + "\n\n\n\nFrom:\tMend <" + ReplyTo + ">\nTo:\tana@example.net\nDate:\t05.03.2026 07:02\nSubject:\tA few minutes\n\n\n\n" + q
		},
		func(w, q string) string {
			return `<font size=2>` + strings.ReplaceAll(html.EscapeString(w), "\n", "<br>") + `</font><br><br><br><font size=1 color=#5f5f5f>From: </font><font size=1>Mend &lt;` + ReplyTo + `&gt;</font><br><font size=1 color=#5f5f5f>To: </font><font size=1>ana@example.net</font><br><font size=1 color=#5f5f5f>Date: </font><font size=1>05.03.2026 07:02</font><br><font size=1 color=#5f5f5f>Subject: </font><font size=1>A few minutes</font><br><hr noshade><br>` + q
		}},
	{"Mimecast", false,
		func(w, q string) string {
			return "CAUTION: This email originated from outside the organization. Do not click links unless you recognise the sender.\n\n" + w + "\n\n" + block + safe(q, mimecast) + "\n\nDisclaimer\n\nThe information contained in this communication from the sender is confidential. It is intended solely for use by the recipient and others authorized to receive it. If you are not the recipient, you are hereby notified that any disclosure, copying or distribution is strictly prohibited and may be unlawful.\n\nThis email has been scanned for viruses and malware, and may have been automatically archived by Mimecast Ltd.\n"
		},
		func(w, q string) string {
			return `<html><body><table><tr><td style="background:#fff3cd">CAUTION: This email originated from outside the organization. Do not click links unless you recognise the sender.</td></tr></table>` + divs(w) + `<div><br></div><div style='border:none;border-top:solid #E1E1E1 1.0pt'><p>` + headHTML + `</p></div>` + safe(q, mimecast) + `<br><p><b>Disclaimer</b></p><p>The information contained in this communication from the sender is confidential. It is intended solely for use by the recipient and others authorized to receive it. If you are not the recipient, you are hereby notified that any disclosure, copying or distribution is strictly prohibited and may be unlawful.</p><p>This email has been scanned for viruses and malware, and may have been automatically archived by Mimecast Ltd.</p></body></html>`
		}},
	{"no marks at all", true,
		func(w, q string) string { return w + "\n\n" + q },
		func(w, q string) string { return divs(w) + "<br>" + q }},
}

func wrap(s string, width int) string {
	var b strings.Builder
	column := 0
	for i, word := range strings.Split(s, " ") {
		if i > 0 && column+len([]rune(word)) > width {
			b.WriteByte('\n')
			column = 0
		} else if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(word)
		column += len([]rune(word)) + 1
	}
	return b.String()
}

// divs renders words one element per line, with an empty one between paragraphs.
func divs(words string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(words, "\n") {
		if line == "" {
			b.WriteString("<div><br></div>")
		} else {
			b.WriteString("<div>" + html.EscapeString(line) + "</div>")
		}
	}
	return b.String()
}

func paragraphs(words, class string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(words, "\n") {
		if line == "" {
			line = "\u00a0"
		}
		b.WriteString("<p" + class + ">" + html.EscapeString(line) + "</p>\n")
	}
	return b.String()
}
