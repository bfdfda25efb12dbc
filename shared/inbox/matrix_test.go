package inbox_test

import (
	"fmt"
	"html"
	"os"
	"strings"
	"testing"

	"example.org/mend/shared/inbox"
)

// ourLetters are letters as people get them, of several kinds, and what production knows of them.
type sentLetter struct{ kind, text, html string }

func sentLetters(t testing.TB) []sentLetter {
	t.Helper()
	var all []sentLetter
	for _, kind := range []string{"checkin", "checkin-after-a-reply", "checkin-slower", "welcome", "reminder", "promise", "digest-quotes"} {
		text, err := os.ReadFile("../letter/testdata/" + kind + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		page, err := os.ReadFile("../letter/testdata/" + kind + ".html")
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, sentLetter{kind, string(text), string(page)})
	}
	return all
}

// known is what production knows of the letter: its text, and the words that only its HTML has.
func (l sentLetter) known() inbox.Option {
	return inbox.WithLetter(l.text + "\n" + "Change · Pause · Stop all letters · More help · Stop · Help Change or pause: Your words: Keep or answer\n" + plainOf(l.body()))
}

// plainOf is the text of HTML without its tags.
func plainOf(page string) string {
	var b strings.Builder
	for piece := range strings.SplitSeq(page, "<") {
		if _, text, ok := strings.Cut(piece, ">"); ok {
			b.WriteString(html.UnescapeString(text) + " ")
		}
	}
	return b.String()
}

// body is what a client quotes of the HTML.
func (l sentLetter) body() string {
	_, rest, _ := strings.Cut(l.html, "<main")
	body, _, _ := strings.Cut(rest, "</main>")
	return "<div" + body + "</div>"
}

// unflowed is the text with one line for each paragraph, as clients show it and quote it.
func (l sentLetter) unflowed() string {
	return strings.ReplaceAll(strings.ReplaceAll(l.text, " \n", " "), "-- ", "--")
}

const replyTo = "r.k4ab3k7q2mzfx5ytnc4w6ojdlh2s7r5e3g4i6k2m4o6q2s@reply.mend.example"

// client is how a mail client lays a reply out. between gives the place in the quote where an answer
// was typed; "" is none.
type client struct {
	name     string
	unmarked bool // nothing but the letter's words tells the quote
	text     func(words, quoted string) string
	page     func(words, quoted string) string // nil: the client writes no HTML
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
	block     = "From: Mend <" + replyTo + ">\nSent: Thursday, March 5, 2026 7:02 AM\nTo: Ana Example <ana@example.net>\nSubject: A few minutes\n\n"
	headHTML  = "<b>From:</b> Mend &lt;" + replyTo + "&gt;<br><b>Sent:</b> Thursday, March 5, 2026 7:02 AM<br><b>To:</b> Ana Example &lt;ana@example.net&gt;<br><b>Subject:</b> A few minutes"
)

// clients are the seventeen layouts.
var clients = []client{
	{"Gmail, web", false,
		func(w, q string) string {
			return w + "\n\nOn Thu, Mar 5, 2026 at 7:02 AM Mend <" + replyTo + ">\nwrote:\n\n" + mark(q, 74)
		},
		func(w, q string) string {
			return `<div dir="ltr">` + divs(w) + `</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">On Thu, Mar 5, 2026 at 7:02 AM Mend &lt;<a href="mailto:` + replyTo + `">` + replyTo + `</a>&gt; wrote:<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex"><u></u>` + q + `</blockquote></div>`
		}},
	{"Gmail, Android", false,
		func(w, q string) string {
			return w + "\n\nOn Thu, 5 Mar 2026, 07:02 Mend, <" + replyTo + "> wrote:\n\n" + mark(q, 74)
		},
		func(w, q string) string {
			return `<div dir="auto">` + divs(w) + `</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Thu, 5 Mar 2026, 07:02 Mend, &lt;` + replyTo + `&gt; wrote:<br></div><blockquote class="gmail_quote">` + q + `</blockquote></div>`
		}},
	{"iOS Mail", false,
		func(w, q string) string {
			return w + "\n\nSent from my iPhone\n\n> On 5 Mar 2026, at 07:02, Mend <" + replyTo + "> wrote:\n> \n" + mark(q, 400)
		},
		func(w, q string) string {
			return `<html><body dir="auto">` + divs(w) + `<div><br></div><div dir="ltr">Sent from my iPhone</div><div dir="ltr"><br><blockquote type="cite">On 5 Mar 2026, at 07:02, Mend &lt;` + replyTo + `&gt; wrote:<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">` + q + `</div></blockquote></body></html>`
		}},
	{"Apple Mail", false,
		func(w, q string) string {
			return w + "\n\n> On 5 Mar 2026, at 07:02, Mend <" + replyTo + "> wrote:\n> \n" + mark(q, 400)
		},
		func(w, q string) string {
			return `<html><body style="overflow-wrap: break-word;">` + divs(w) + `<br id="lineBreakAtBeginningOfMessage"><div><br><blockquote type="cite"><div>On 5 Mar 2026, at 07:02, Mend &lt;` + replyTo + `&gt; wrote:</div><br class="Apple-interchange-newline"><div>` + q + `</div></blockquote></div><br></body></html>`
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
			return w + "\n\n    On Thursday, March 5, 2026 at 07:02:04 AM GMT+1, Mend <" + replyTo + "> wrote:  \n \n " + strings.ReplaceAll(q, "\n", "\n ")
		},
		func(w, q string) string {
			return `<html><body><div class="ydp1-yahoo-style-wrap">` + divs(w) + `<div><br></div></div><div id="ydp2yahoo_quoted_123" class="ydp2yahoo_quoted"><div style="font-family:'Helvetica Neue'"><div>On Thursday, March 5, 2026 at 07:02:04 AM GMT+1, Mend &lt;` + replyTo + `&gt; wrote:</div><div><br></div><div>` + q + `</div></div></div></body></html>`
		}},
	{"Samsung", false,
		func(w, q string) string {
			return w + "\n\n\nSent from my Galaxy\n\n\n-------- Original message --------\nFrom: Mend <" + replyTo + "> \nDate: 05/03/2026  07:02  (GMT+01:00) \nTo: ana@example.net \nSubject: A few minutes \n\n" + strings.ReplaceAll(q, "\n\n", "\n")
		},
		func(w, q string) string {
			return `<html><body dir="auto">` + divs(w) + `<div dir="auto"><br></div><div id="composer_signature" dir="auto"><div style="font-size:12px">Sent from my Galaxy</div></div><div dir="auto"><br></div><div><br></div><div align="left" dir="auto" style="font-size:100%"><div>-------- Original message --------</div><div>From: Mend &lt;` + replyTo + `&gt; </div><div>Date: 05/03/2026  07:02  (GMT+01:00) </div><div>To: ana@example.net </div><div>Subject: A few minutes </div><div><br></div></div>` + q + `</body></html>`
		}},
	{"GMX", false,
		func(w, q string) string {
			return w + "\n\n\nGesendet: Donnerstag, 05. März 2026 um 07:02\nVon: Mend <" + replyTo + ">\nAn: ana@example.net\nBetreff: A few minutes\n" + q
		},
		func(w, q string) string {
			return `<html><body><div style="font-family: Verdana;">` + divs(w) + `<div>&nbsp;<div name="quote" style="margin:10px 5px 5px 10px; border-left:2px solid #C3D9E5;"><div style="margin:0 0 10px 0;"><b>Gesendet:</b>&nbsp;Donnerstag, 05. März 2026 um 07:02<br/><b>Von:</b>&nbsp;Mend &lt;` + replyTo + `&gt;<br/><b>An:</b>&nbsp;ana@example.net<br/><b>Betreff:</b>&nbsp;A few minutes</div><div name="quoted-content">` + q + `</div></div></div></div></body></html>`
		}},
	{"Thunderbird", false,
		func(w, q string) string { return w + "\n\nOn 05/03/2026 07:02, Mend wrote:\n" + mark(q, 72) },
		func(w, q string) string {
			return `<html><body>` + paragraphs(w, "") + `<p><br></p><div class="moz-cite-prefix">On 05/03/2026 07:02, Mend wrote:<br></div><blockquote type="cite" cite="mid:x@mend.test">` + q + `</blockquote></body></html>`
		}},
	{"Proton", false,
		func(w, q string) string {
			return w + "\n\nSent with [Proton Mail](https://proton.me/mail/home) secure email.\n\nOn Thursday, March 5th, 2026 at 7:02 AM, Mend <" + replyTo + "> wrote:\n\n" + mark(q, 76)
		},
		func(w, q string) string {
			return divs(w) + `<div class="protonmail_signature_block"><div class="protonmail_signature_block-proton">Sent with <a href="https://proton.me/">Proton Mail</a> secure email.</div></div><div class="protonmail_quote">On Thursday, March 5th, 2026 at 7:02 AM, Mend &lt;` + replyTo + `&gt; wrote:<br><br><blockquote class="protonmail_quote" type="cite">` + q + `</blockquote></div>`
		}},
	{"Fastmail", false,
		func(w, q string) string { return w + "\n\nOn Thu, 5 Mar 2026, at 7:02 AM, Mend wrote:\n" + mark(q, 72) },
		func(w, q string) string {
			return `<!DOCTYPE html><html><head><style>p.MsoNormal{}</style></head><body>` + divs(w) + `<div><br></div><div>On Thu, 5 Mar 2026, at 7:02 AM, Mend wrote:</div><blockquote type="cite" id="qt" style="">` + q + `</blockquote><div><br></div></body></html>`
		}},
	{"K-9", false,
		func(w, q string) string {
			return w + "\n-- \nSent from my Android device with K-9 Mail. Please excuse my brevity.\n\nOn 5 March 2026 07:02:11 CET, Mend <" + replyTo + "> wrote:\n" + mark(q, 78)
		},
		func(w, q string) string {
			return `<!DOCTYPE html><html><body>` + strings.ReplaceAll(html.EscapeString(w), "\n", "<br>\n") + `<br>-- <br>Sent from my Android device with K-9 Mail. Please excuse my brevity.<br><br><div class="gmail_quote">On 5 March 2026 07:02:11 CET, Mend &lt;` + replyTo + `&gt; wrote:<blockquote class="gmail_quote" style="margin: 0pt 0pt 0pt 0.8ex;">` + q + `</blockquote></div></body></html>`
		}},
	{"Notes", false,
		func(w, q string) string {
			return w + "\n\n\n\nFrom:\tMend <" + replyTo + ">\nTo:\tana@example.net\nDate:\t05.03.2026 07:02\nSubject:\tA few minutes\n\n\n\n" + q
		},
		func(w, q string) string {
			return `<font size=2>` + strings.ReplaceAll(html.EscapeString(w), "\n", "<br>") + `</font><br><br><br><font size=1 color=#5f5f5f>From: </font><font size=1>Mend &lt;` + replyTo + `&gt;</font><br><font size=1 color=#5f5f5f>To: </font><font size=1>ana@example.net</font><br><font size=1 color=#5f5f5f>Date: </font><font size=1>05.03.2026 07:02</font><br><font size=1 color=#5f5f5f>Subject: </font><font size=1>A few minutes</font><br><hr noshade><br>` + q
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

// ownReplies are what people write: at least two hundred, long and short, in many languages.
func ownReplies(t testing.TB) []string {
	all := append([]string{}, shortAnswers...)
	all = append(all, prose...)
	for _, l := range readTongues(t) {
		for i := range l.prose {
			all = append(all, l.prose[i]+"\n\n"+l.prose[(i+1)%len(l.prose)])
		}
		if len(l.closings) > 0 {
			all = append(all, l.prose[0]+"\n\n"+l.closings[0]+"\nAnna")
		}
	}
	return all
}

// shortAnswers stand alone, or between the lines of the letter.
var shortAnswers = []string{
	"yes", "no", "5", "3", "STOP", "me", "Nobody, really.", "nothing yet", "👍", "I don't know", "My sister.", "both", "The walk", "PAUSE 2 weeks", "KEPT",
	"a cup of tea and the long way home", "- the lamp\n- the chair", "1. called her\n2. waited", "That I was wrong.", "ja", "nein, noch nicht", "oui", "sí, un poco", "да", "はい", "예", "نعم", "כן",
	"She said no. I said all right.", "I wrote it down twice, and then I tore it up, as you said.", "Not today.", "With him? Never.", "ok :)", "I am sorry that I did not write sooner; the week was long.",
}

func TestRepliesInEveryLayout(t *testing.T) {
	replies, letters := ownReplies(t), sentLetters(t)
	if len(replies) < 200 || len(clients) < 17 {
		t.Fatalf("%d replies in %d layouts", len(replies), len(clients))
	}
	s := newScores()
	for c, client := range clients {
		for i, words := range replies {
			l := letters[(i+c)%len(letters)]
			for _, known := range []bool{true, false} {
				if !known && client.unmarked {
					continue
				}
				var opts []inbox.Option
				group := "letter not known"
				if known {
					opts, group = []inbox.Option{l.known()}, "letter known"
				}
				s.add(group, client.name+", text", words, inbox.ReadText(client.text(words, l.unflowed()), opts...))
				s.add(group, client.name+", HTML", words, inbox.ReadHTML(client.page(words, l.body()), opts...))
			}
		}
	}
	s.want(t, "letter known", 98, 0.5, 0.5)
	s.want(t, "letter not known", 98, 0.5, 0.5)
}

// TestAnswersInTheLetter types answers between the lines of the letter, below it, and inside its lines.
func TestAnswersInTheLetter(t *testing.T) {
	letters := sentLetters(t)
	s := newScores()
	for c, client := range clients {
		for i, words := range shortAnswers {
			l := letters[(i+c)%3]
			known := l.known()
			flat := strings.ReplaceAll(strings.ReplaceAll(words, "\n- ", " and "), "\n2. ", " and ")
			// Between two paragraphs: the client leaves the answer unmarked.
			paragraphs := strings.Split(strings.TrimSpace(l.unflowed()), "\n\n")
			at := 2 + i%(len(paragraphs)-4)
			above, below := strings.Join(paragraphs[:at], "\n\n"), strings.Join(paragraphs[at:], "\n\n")
			typed := func(quoted string) string { // the client leaves the marks off what is typed
				var lines []string
				for line := range strings.SplitSeq(client.text("", quoted), "\n") {
					if strings.Contains(line, "\x01") {
						line = words
					}
					lines = append(lines, line)
				}
				return strings.Join(lines, "\n")
			}
			s.add("between", client.name, words, inbox.ReadText(typed(above+"\n\n\x01\n\n"+below), known))
			s.add("below", client.name, words, inbox.ReadText(typed(l.unflowed()+"\n\n\x01\n"), known))
			// Inside: at the end of a quoted line, and as an element of the quoted HTML.
			inside := strings.Replace(l.unflowed(), paragraphs[at], paragraphs[at]+" "+flat, 1)
			s.add("inside", client.name, flat, inbox.ReadText(client.text("", inside), known))
			page := strings.Replace(l.body(), "</p>\n<p", "</p>\n<div>"+html.EscapeString(flat)+"</div><p", 1)
			s.add("inside", client.name+", HTML", flat, inbox.ReadHTML(client.page("", page), known))
		}
	}
	for _, group := range []string{"between", "below", "inside"} {
		s.want(t, group, 92, 2, 100)
	}
}

// scores count how replies were read.
type scores struct {
	groups map[string]map[string]*score
	shown  map[string]int
	fails  strings.Builder
}

type score struct{ n, exact, lost, leaked int }

func newScores() *scores {
	return &scores{map[string]map[string]*score{}, map[string]int{}, strings.Builder{}}
}

func (s *scores) add(group, layout, want string, m inbox.Message) {
	if s.groups[group] == nil {
		s.groups[group] = map[string]*score{}
	}
	c := s.groups[group][layout]
	if c == nil {
		c = &score{}
		s.groups[group][layout] = c
	}
	c.n++
	if sparse(m.Words) == sparse(want) {
		c.exact++
		return
	}
	lost, leaked := difference(want, m.Words), difference(m.Words, want)
	if lost {
		c.lost++
	}
	if leaked {
		c.leaked++
	}
	if s.shown[group+layout]++; s.shown[group+layout] <= 2 {
		fmt.Fprintf(&s.fails, "%s, %s: lost %v, leaked %v\ngot  %q\nwant %q\n%s\n", group, layout, lost, leaked, m.Words, want, removed(m))
	}
}

// difference reports whether a has words that b has not.
func difference(a, b string) bool {
	count := map[string]int{}
	for _, w := range strings.Fields(b) {
		count[w]++
	}
	for _, w := range strings.Fields(a) {
		if count[w]--; count[w] < 0 {
			return true
		}
	}
	return false
}

// want prints the scores of a group, and fails the test where they are worse than they may be, in percent.
func (s *scores) want(t *testing.T, group string, exact, lost, leaked float64) {
	t.Helper()
	var all score
	var b strings.Builder
	for layout, c := range s.groups[group] {
		all.n, all.exact, all.lost, all.leaked = all.n+c.n, all.exact+c.exact, all.lost+c.lost, all.leaked+c.leaked
		if c.exact < c.n {
			fmt.Fprintf(&b, "  %-26s %4d  exact %d, lost %d, leaked %d\n", layout, c.n, c.exact, c.lost, c.leaked)
		}
	}
	percent := func(n int) float64 { return 100 * float64(n) / float64(all.n) }
	t.Logf("%s: %d read, exact %.1f %%, lost %.2f %%, leaked %.2f %%\n%s", group, all.n, percent(all.exact), percent(all.lost), percent(all.leaked), b.String())
	if percent(all.exact) < exact || percent(all.lost) > lost || percent(all.leaked) > leaked {
		t.Errorf("%s: exact must be %.1f %%, lost at most %.1f %%, leaked at most %.1f %%", group, exact, lost, leaked)
	}
	if os.Getenv("SHOW") != "" {
		t.Log(s.fails.String())
	}
}
