package inbox_test

import (
	"fmt"
	"html"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"example.org/mend/shared/inbox"
)

// tongue is one language of testdata/languages.txt.
type tongue struct {
	name                                                     string
	prose, attributions, blocks, dividers, devices, closings []string
}

func readTongues(t testing.TB) []tongue {
	t.Helper()
	raw, err := os.ReadFile("testdata/languages.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []tongue
	for n, line := range strings.Split(string(raw), "\n") {
		if name, ok := strings.CutPrefix(line, "# "); ok {
			all = append(all, tongue{name: name})
			continue
		}
		if len(all) == 0 || line == "" {
			continue
		}
		last := &all[len(all)-1]
		key, value, _ := strings.Cut(line, ": ")
		list, ok := map[string]*[]string{
			"prose": &last.prose, "attribution": &last.attributions, "block": &last.blocks,
			"divider": &last.dividers, "device": &last.devices, "closing": &last.closings,
		}[key]
		if !ok {
			t.Fatalf("testdata/languages.txt line %d: unknown key %q", n+1, key)
		}
		*list = append(*list, value)
	}
	return all
}

// quotedLetter is what comes back in the generated replies. None of its words is in the prose.
var quotedLetter = []string{"Zephyr quoll before breakfast.", "Which xylograph kept you awake?", "Vexing jukebox, quartz and sphinx."}

func marked(lines []string) string { return "> " + strings.Join(lines, "\n> ") + "\n" }
func plain(lines []string) string  { return strings.Join(lines, "\n\n") + "\n" }

// textLayouts put a quote around words as mail programs do in plain text. They
// get one attribution line (or header block, divider, device line) of the language.
var textLayouts = map[string]func(words, attribution string) string{
	"top":           func(w, a string) string { return w + "\n\n" + a + "\n\n" + marked(quotedLetter) },
	"top, tight":    func(w, a string) string { return w + "\n\n" + a + "\n" + marked(quotedLetter) },
	"top, no blank": func(w, a string) string { return w + "\n" + a + "\n" + marked(quotedLetter) },
	"unmarked":      func(w, a string) string { return w + "\n\n" + a + "\n\n" + plain(quotedLetter) },
	"wrapped at 40": func(w, a string) string { return w + "\n\n" + wrap(a, 40) + "\n\n" + marked(quotedLetter) },
	"wrapped at 60": func(w, a string) string { return w + "\n\n" + wrap(a, 60) + "\n\n" + marked(quotedLetter) },
	"wrapped at 50, unmarked": func(w, a string) string {
		return w + "\n\n" + wrap(a, 50) + "\n\n" + plain(quotedLetter)
	},
	"wrapped before the address": func(w, a string) string {
		return w + "\n\n" + strings.Replace(a, " <", "\n<", 1) + "\n\n" + marked(quotedLetter)
	},
	"wrapped inside the address": func(w, a string) string {
		return w + "\n\n" + strings.Replace(strings.Replace(a, "<", "<\n", 1), ">", "\n>", 1) + "\n\n" + marked(quotedLetter)
	},
	"wrapped after the bracket": func(w, a string) string {
		return w + "\n\n" + strings.Replace(a, "<", "<\n", 1) + "\n\n" + marked(quotedLetter)
	},
	"with mailto": func(w, a string) string {
		return w + "\n\n" + strings.Replace(a, "<r+abc@mend.test>", "<r+abc@mend.test<mailto:r+abc@mend.test>>", 1) + "\n\n" + plain(quotedLetter)
	},
	"below the quote":   func(w, a string) string { return a + "\n\n" + marked(quotedLetter) + "\n" + w + "\n" },
	"quoted as a whole": func(w, a string) string { return w + "\n\n" + marked(append([]string{a}, quotedLetter...)) },
	"nested": func(w, a string) string {
		return w + "\n\n" + a + "\n\n" + marked(quotedLetter[:1]) + ">> " + a + "\n>>\n>> " + quotedLetter[1] + "\n"
	},
	"bold": func(w, a string) string { return w + "\n\n*" + a + "*\n\n" + marked(quotedLetter) },
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

// compose makes some paragraphs out of a language's sentences.
func compose(r *rand.Rand, l tongue) string {
	var paragraphs []string
	for range 1 + r.IntN(3) {
		var sentences []string
		for range 1 + r.IntN(2) {
			sentences = append(sentences, l.prose[r.IntN(len(l.prose))])
		}
		paragraphs = append(paragraphs, strings.Join(sentences, [2]string{" ", "\n"}[r.IntN(2)]))
	}
	return strings.Join(paragraphs, "\n\n")
}

// sparse is a text without its white space.
func sparse(s string) string { return strings.Join(strings.Fields(s), "") }

func TestEveryLayoutInEveryLanguage(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	tried := 0
	check := func(t *testing.T, name, text, want string) {
		t.Helper()
		tried++
		if got := inbox.ReadText(text); got.Words != want {
			t.Errorf("%s\ngot  %q\nwant %q\nfrom\n%s\n%s", name, got.Words, want, text, removed(got))
		}
	}
	for _, l := range readTongues(t) {
		t.Run(l.name, func(t *testing.T) {
			for _, attribution := range l.attributions {
				for name, layout := range textLayouts {
					words := compose(r, l)
					check(t, name, layout(words, attribution), words)
				}
				for _, device := range l.devices {
					words := compose(r, l)
					check(t, "device, attribution", words+"\n\n"+device+"\n\n"+attribution+"\n\n"+marked(quotedLetter), words)
					words = compose(r, l)
					check(t, "device glued, unmarked", words+"\n"+device+"\n\n"+attribution+"\n\n"+plain(quotedLetter), words)
				}
				first, second := compose(r, l), compose(r, l)
				check(t, "interleaved", attribution+"\n> "+quotedLetter[0]+"\n\n"+first+"\n\n> "+quotedLetter[1]+"\n\n"+second+"\n", first+"\n\n"+second)
				check(t, "top and bottom", first+"\n\n"+attribution+"\n\n"+marked(quotedLetter)+"\n"+second+"\n", first+"\n\n"+second)
			}
			for _, block := range l.blocks {
				fields := strings.Split(block, "|")
				below := "\n\n" + plain(quotedLetter)
				words := compose(r, l)
				check(t, "block", words+"\n\n"+strings.Join(fields, "\n")+below, words)
				check(t, "block, no blank", words+"\n"+strings.Join(fields, "\n")+below, words)
				check(t, "block under a rule", words+"\n\n________________________________\n"+strings.Join(fields, "\n")+below, words)
				check(t, "block, spaced", words+"\n\n"+strings.Join(fields, "\n\n")+below, words)
				var bold []string
				for _, f := range fields {
					label, value, _ := strings.Cut(f, ":")
					bold = append(bold, "*"+label+":*"+value)
				}
				check(t, "block, bold", words+"\n\n"+strings.Join(bold, "\n")+below, words)
				check(t, "block, marked", words+"\n\n> "+strings.Join(fields, "\n> ")+"\n>\n"+marked(quotedLetter), words)
				check(t, "block on one line", words+"\n\n"+strings.Join(fields, " ")+below, words)
				for _, divider := range l.dividers {
					words = compose(r, l)
					check(t, "divider, block", words+"\n\n"+divider+"\n"+strings.Join(fields, "\n")+below, words)
				}
				for _, device := range l.devices {
					words = compose(r, l)
					check(t, "device, block", words+"\n\n"+device+"\n________________________________\n"+strings.Join(fields, "\n")+below, words)
				}
			}
			for _, divider := range l.dividers {
				words := compose(r, l)
				check(t, "divider", words+"\n\n"+divider+"\n\n"+plain(quotedLetter), words)
			}
			for _, device := range l.devices {
				words := compose(r, l)
				check(t, "device", words+"\n\n"+device+"\n", words)
				check(t, "device behind dashes", words+"\n\n-- \n"+device+"\n", words)
				check(t, "device with a dash", words+"\n\n—\n"+device+"\n", words)
			}
			for _, closing := range l.closings {
				words := compose(r, l) + "\n\n" + closing + "\nAnna"
				check(t, "closing", words+"\n", words)
				check(t, "closing, signature", words+"\n\n-- \nAnna Example\nHarbour Street 1\n", words)
				for _, attribution := range l.attributions {
					check(t, "closing, quote", words+"\n\n"+attribution+"\n\n"+marked(quotedLetter), words)
				}
			}
			for name, client := range htmlClients {
				for i, attribution := range l.attributions {
					words := compose(r, l)
					block := "From: Mend <r+abc@mend.test>|Sent: Tuesday|To: Anna|Subject: One question"
					if len(l.blocks) > 0 {
						block = l.blocks[i%len(l.blocks)]
					}
					tried++
					body := client(words, attribution, block)
					if got := inbox.ReadHTML(body); sparse(got.Words) != sparse(words) {
						t.Errorf("%s\ngot  %q\nwant %q\nfrom\n%s\n%s", name, got.Words, words, body, removed(got))
					}
				}
			}
		})
	}
	if tried < 5000 {
		t.Errorf("only %d messages were tried", tried)
	}
}

// removed shows what became of each line.
func removed(m inbox.Message) string {
	var b strings.Builder
	for _, l := range m.Lines {
		fmt.Fprintf(&b, "%14s | %s\n", l.Rule, l.Text)
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

// headers renders a header block with bold labels.
func headers(block, separator string) string {
	var out []string
	for f := range strings.SplitSeq(block, "|") {
		label, value, _ := strings.Cut(f, ":")
		out = append(out, "<b>"+html.EscapeString(label)+":</b>"+html.EscapeString(value))
	}
	return strings.Join(out, separator)
}

// htmlClients are what mail clients make of a reply in HTML.
var htmlClients = map[string]func(words, attribution, block string) string{
	"Gmail": func(w, a, _ string) string {
		return `<div dir="ltr">` + divs(w) + `</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">` + html.EscapeString(a) + `<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex">` + divs(plain(quotedLetter)) + `</blockquote></div>`
	},
	"Gmail, old": func(w, a, _ string) string {
		return divs(w) + `<div class="gmail_extra"><br><div class="gmail_quote">` + html.EscapeString(a) + `<br><blockquote class="gmail_quote" style="margin:0 0 0 .8ex">` + divs(plain(quotedLetter)) + `</blockquote></div><br></div>`
	},
	"Gmail, answered between": func(w, a, _ string) string {
		return `<div dir="ltr"><div class="gmail_quote"><div class="gmail_attr">` + html.EscapeString(a) + `<br></div><blockquote class="gmail_quote">` + quotedLetter[0] + `</blockquote>` + divs(w) + `<blockquote class="gmail_quote">` + quotedLetter[1] + `</blockquote></div></div>`
	},
	"Apple Mail": func(w, a, _ string) string {
		return `<html><body style="overflow-wrap: break-word;">` + divs(w) + `<br id="lineBreakAtBeginningOfMessage"><div><br><blockquote type="cite"><div>` + html.EscapeString(a) + `</div><br class="Apple-interchange-newline"><div>` + divs(plain(quotedLetter)) + `</div></blockquote></div><br></body></html>`
	},
	"iOS": func(w, a, _ string) string {
		return `<html><body dir="auto">` + divs(w) + `<div><br></div><div id="AppleMailSignature" dir="ltr">Sent from my iPhone</div><div dir="ltr"><br><blockquote type="cite">` + html.EscapeString(a) + `<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">` + divs(plain(quotedLetter)) + `</div></blockquote></body></html>`
	},
	"Thunderbird": func(w, a, _ string) string {
		return `<html><body>` + paragraphs(w, "") + `<p><br></p><div class="moz-cite-prefix">` + html.EscapeString(a) + `<br></div><blockquote type="cite" cite="mid:x@mend.test">` + divs(plain(quotedLetter)) + `</blockquote><div class="moz-signature">-- <br>Anna Example<br>Harbour Street 1</div></body></html>`
	},
	"Outlook on the web": func(w, _, b string) string {
		return `<html><body dir="ltr"><div class="elementToProof">` + divs(w) + `</div><div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri" color="#000000">` + headers(b, "<br>") + `</font><div>&nbsp;</div></div>` + divs(plain(quotedLetter)) + `</body></html>`
	},
	"Outlook": func(w, _, b string) string {
		return `<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style>p.MsoNormal{margin:0}</style></head><body lang=EN><div class=WordSection1>` + paragraphs(w, " class=MsoNormal") + `<p class=MsoNormal><o:p>&nbsp;</o:p></p><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal>` + headers(b, "<br>") + `<o:p></o:p></p></div><p class=MsoNormal>` + strings.Join(quotedLetter, "</p><p class=MsoNormal>") + `</p></div></body></html>`
	},
	"Outlook for iOS": func(w, _, b string) string {
		return `<html><body>` + divs(w) + `<div id="ms-outlook-mobile-signature">Get <a href="https://aka.ms/o0ukef">Outlook for iOS</a></div><div id="mail-editor-reference-message-container" class="ms-outlook-mobile-reference-message"><hr><div id="divRplyFwdMsg">` + headers(b, "<br>") + `</div>` + divs(plain(quotedLetter)) + `</div></body></html>`
	},
	"Outlook for Mac": func(w, _, b string) string {
		return `<html><body>` + divs(w) + `<span id="OLK_SRC_BODY_SECTION"><div style="border-top: #b5c4df 1pt solid;">` + headers(b, "<br>") + `</div>` + divs(plain(quotedLetter)) + `</span></body></html>`
	},
	"Yahoo": func(w, a, _ string) string {
		return `<html><body><div class="ydp1-yahoo-style-wrap">` + divs(w) + `<div><br></div></div><div id="ydp2yahoo_quoted_123" class="ydp2yahoo_quoted"><div style="font-family:'Helvetica Neue'"><div>` + html.EscapeString(a) + `</div><div><br></div><div>` + divs(plain(quotedLetter)) + `</div></div></div></body></html>`
	},
	"Proton": func(w, a, _ string) string {
		return divs(w) + `<div class="protonmail_signature_block"><div class="protonmail_signature_block-user protonmail_signature_block-empty"></div><div class="protonmail_signature_block-proton">Sent with <a href="https://proton.me/">Proton Mail</a> secure email.</div></div><div class="protonmail_quote">` + html.EscapeString(a) + `<br><br><blockquote class="protonmail_quote" type="cite">` + divs(plain(quotedLetter)) + `</blockquote></div>`
	},
	"GMX": func(w, _, b string) string {
		return `<html><body><div style="font-family: Verdana;">` + divs(w) + `<div>&nbsp;<div name="quote" style="margin:10px 5px 5px 10px; border-left:2px solid #C3D9E5;"><div style="margin:0 0 10px 0;">` + headers(b, "<br/>") + `</div><div name="quoted-content">` + divs(plain(quotedLetter)) + `</div></div></div></div></body></html>`
	},
	"Mail.ru": func(w, a, _ string) string {
		return `<HTML><BODY>` + divs(w) + `<br><br><blockquote style="border-left:1px solid #0857A6; margin:10px; padding:0 0 0 10px;">` + html.EscapeString(a) + `<br>&nbsp;<div id=""><div class="js-helper js-readmsg-msg">` + divs(plain(quotedLetter)) + `</div></div></blockquote></BODY></HTML>`
	},
	"Yandex": func(w, a, _ string) string {
		return divs(w) + `<div><br /></div><div>` + html.EscapeString(a) + `</div><blockquote>` + divs(plain(quotedLetter)) + `</blockquote>`
	},
	"QQ": func(w, _, b string) string {
		return divs(w) + `<div><br></div><div><includetail><div>&nbsp;</div><div style="font-size: 12px;padding:2px 0;">------------------&nbsp;原始邮件&nbsp;------------------</div><div style="font-size: 12px;background:#efefef;padding:8px;">` + headers(b, "<br>") + `</div><div>` + divs(plain(quotedLetter)) + `</div></includetail></div>`
	},
	"163": func(w, a, _ string) string {
		return `<div style="line-height:1.7;">` + divs(w) + `<br/><div id="divNeteaseMailCard"></div><br/>` + html.EscapeString(a) + `<br/> <blockquote id="isReplyContent" style="PADDING-LEFT: 1ex;">` + divs(plain(quotedLetter)) + `</blockquote></div>`
	},
	"Naver": func(w, _, b string) string {
		return `<html><body><div style='font-size:10pt;'>` + paragraphs(w, "") + `<p>&nbsp;</p><p>-----Original Message-----<br>` + headers(b, "<br>") + `<br></p>` + divs(plain(quotedLetter)) + `</div></body></html>`
	},
	"Roundcube": func(w, a, _ string) string {
		return `<html><body style='font-size: 10pt;'>` + paragraphs(w, "") + `<p id="reply-intro">` + html.EscapeString(a) + `</p><blockquote type="cite" style="padding: 0 0.4em; border-left: #1010ff 2px solid;">` + divs(plain(quotedLetter)) + `</blockquote><div id="signature">-- <br>Anna Example</div></body></html>`
	},
	"K-9": func(w, a, _ string) string {
		return `<!DOCTYPE html><html><body>` + strings.ReplaceAll(html.EscapeString(w), "\n", "<br>\n") + `<br><br><div class="gmail_quote">` + html.EscapeString(a) + `<blockquote class="gmail_quote" style="margin: 0pt 0pt 0pt 0.8ex;">` + divs(plain(quotedLetter)) + `</blockquote></div></body></html>`
	},
	"Fastmail": func(w, a, _ string) string {
		return `<!DOCTYPE html><html><head><style>p.MsoNormal{}</style></head><body>` + divs(w) + `<div><br></div><div>` + html.EscapeString(a) + `</div><blockquote type="cite" id="qt" style="">` + divs(plain(quotedLetter)) + `</blockquote><div><br></div></body></html>`
	},
	"HEY": func(w, a, _ string) string {
		return `<div class="trix-content">` + divs(w) + `<br><br>` + html.EscapeString(a) + `<br><blockquote>` + divs(plain(quotedLetter)) + `</blockquote></div>`
	},
	"Zoho": func(w, a, _ string) string {
		return divs(w) + `<br><div class="zmail_extra" style=""><div id="Zm-_Id_-Sgn1">---- ` + html.EscapeString(a) + ` ----<br></div><br><blockquote style="border-left: 1px solid #cccccc;">` + divs(plain(quotedLetter)) + `</blockquote></div>`
	},
	"Zimbra": func(w, _, b string) string {
		return `<html><body><div style="font-family: arial;">` + divs(w) + `<div><br></div><hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__"><blockquote style="border-left:2px solid #1010FF;">` + headers(b, "<br>") + `</blockquote></div><div data-marker="__QUOTED_TEXT__"><blockquote>` + divs(plain(quotedLetter)) + `</blockquote></div></div></body></html>`
	},
}
