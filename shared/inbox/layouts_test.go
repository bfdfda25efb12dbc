package inbox_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"example.org/mend/infra/replies"
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
var quotedLetter = []string{
	"Zephyr quoll before breakfast.", "Which xylograph kept you awake?", "Vexing jukebox, quartz and sphinx.",
}

func marked(lines []string) string { return "> " + strings.Join(lines, "\n> ") + "\n" }
func plain(lines []string) string  { return strings.Join(lines, "\n\n") + "\n" }

// textLayouts put a quote around words as mail programs do in plain text. They
// get one attribution line (or header block, divider, device line) of the language.
var textLayouts = map[string]func(words, attribution string) string{
	"top":           func(w, a string) string { return w + "\n\n" + a + "\n\n" + marked(quotedLetter) },
	"top, tight":    func(w, a string) string { return w + "\n\n" + a + "\n" + marked(quotedLetter) },
	"top, no blank": func(w, a string) string { return w + "\n" + a + "\n" + marked(quotedLetter) },
	"unmarked":      func(w, a string) string { return w + "\n\n" + a + "\n\n" + plain(quotedLetter) },
	"wrapped at 40": func(w, a string) string {
		return w + "\n\n" + replies.Wrap(a, 40) + "\n\n" + marked(quotedLetter)
	},
	"wrapped at 60": func(w, a string) string {
		return w + "\n\n" + replies.Wrap(a, 60) + "\n\n" + marked(quotedLetter)
	},
	"wrapped at 50, unmarked": func(w, a string) string {
		return w + "\n\n" + replies.Wrap(a, 50) + "\n\n" + plain(quotedLetter)
	},
	"wrapped before the address": func(w, a string) string {
		return w + "\n\n" + strings.Replace(a, " <", "\n<", 1) + "\n\n" + marked(quotedLetter)
	},
	"wrapped inside the address": func(w, a string) string {
		return w + "\n\n" + strings.Replace(strings.Replace(a, "<", "<\n", 1), ">", "\n>", 1) + "\n\n" +
			marked(quotedLetter)
	},
	"wrapped after the bracket": func(w, a string) string {
		return w + "\n\n" + strings.Replace(a, "<", "<\n", 1) + "\n\n" + marked(quotedLetter)
	},
	"with mailto": func(w, a string) string {
		return w + "\n\n" + strings.Replace(a, "<r+abc@mend.test>", "<r+abc@mend.test<mailto:r+abc@mend.test>>", 1) +
			"\n\n" + plain(quotedLetter)
	},
	"below the quote":   func(w, a string) string { return a + "\n\n" + marked(quotedLetter) + "\n" + w + "\n" },
	"quoted as a whole": func(w, a string) string { return w + "\n\n" + marked(append([]string{a}, quotedLetter...)) },
	"nested": func(w, a string) string {
		return w + "\n\n" + a + "\n\n" + marked(quotedLetter[:1]) + ">> " + a + "\n>>\n>> " + quotedLetter[1] + "\n"
	},
	"bold": func(w, a string) string { return w + "\n\n*" + a + "*\n\n" + marked(quotedLetter) },
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
	tried, exact := 0, 0
	check := func(t *testing.T, name, text, want string) {
		t.Helper()
		tried++
		exact++
		if got := inbox.ReadText(text, inbox.Letter{}); got.Words != want {
			exact--
			t.Errorf("%s\ngot  %q\nwant %q\nfrom\n%s\n%s", name, got.Words, want, text, removed(got))
		}
	}
	var table strings.Builder
	table.WriteString("| language | attribution lines | header blocks | dividers | device lines | messages " +
		"| read exactly |\n|---|---|---|---|---|---|---|\n")
	for _, l := range readTongues(t) {
		before, right := tried, exact
		t.Run(l.name, func(t *testing.T) {
			for _, attribution := range l.attributions {
				for name, layout := range textLayouts {
					words := compose(r, l)
					check(t, name, layout(words, attribution), words)
				}
				for _, device := range l.devices {
					words := compose(r, l)
					check(t, "device, attribution",
						words+"\n\n"+device+"\n\n"+attribution+"\n\n"+marked(quotedLetter), words)
					words = compose(r, l)
					check(t, "device glued, unmarked",
						words+"\n"+device+"\n\n"+attribution+"\n\n"+plain(quotedLetter), words)
				}
				first, second := compose(r, l), compose(r, l)
				check(t, "interleaved",
					attribution+"\n> "+quotedLetter[0]+"\n\n"+first+"\n\n> "+quotedLetter[1]+"\n\n"+second+"\n",
					first+"\n\n"+second)
				check(t, "top and bottom", first+"\n\n"+attribution+"\n\n"+marked(quotedLetter)+"\n"+second+"\n",
					first+"\n\n"+second)
			}
			for _, block := range l.blocks {
				fields := strings.Split(block, "|")
				below := "\n\n" + plain(quotedLetter)
				words := compose(r, l)
				check(t, "block", words+"\n\n"+strings.Join(fields, "\n")+below, words)
				check(t, "block, no blank", words+"\n"+strings.Join(fields, "\n")+below, words)
				check(t, "block under a rule",
					words+"\n\n________________________________\n"+strings.Join(fields, "\n")+below, words)
				check(t, "block, spaced", words+"\n\n"+strings.Join(fields, "\n\n")+below, words)
				var bold []string
				for _, f := range fields {
					label, value, _ := strings.Cut(f, ":")
					bold = append(bold, "*"+label+":*"+value)
				}
				check(t, "block, bold", words+"\n\n"+strings.Join(bold, "\n")+below, words)
				check(t, "block, marked",
					words+"\n\n> "+strings.Join(fields, "\n> ")+"\n>\n"+marked(quotedLetter), words)
				check(t, "block on one line", words+"\n\n"+strings.Join(fields, " ")+below, words)
				for _, divider := range l.dividers {
					words = compose(r, l)
					check(t, "divider, block", words+"\n\n"+divider+"\n"+strings.Join(fields, "\n")+below, words)
				}
				for _, device := range l.devices {
					words = compose(r, l)
					check(t, "device, block",
						words+"\n\n"+device+"\n________________________________\n"+strings.Join(fields, "\n")+below,
						words)
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
			for _, client := range replies.Pages {
				for i, attribution := range l.attributions {
					words := compose(r, l)
					tried++
					exact++
					body := page(client, words, attribution, block(l, i))
					got := inbox.ReadHTML(body, inbox.Letter{})
					if !client.Unmarked && sparse(got.Words) != sparse(words) {
						exact--
						t.Errorf("%s\ngot  %q\nwant %q\nfrom\n%s\n%s",
							client.Name, got.Words, words, body, removed(got))
					}
				}
			}
		})
		fmt.Fprintf(&table, "| %s | %d | %d | %d | %d | %d | %d |\n", l.name,
			len(l.attributions), len(l.blocks), len(l.dividers), len(l.devices), tried-before, exact-right)
	}
	writeTable(t, "layouts", table.String())
	if tried < 5000 {
		t.Errorf("only %d messages were tried", tried)
	}
}

// block is the i-th header block of a language, or one in English.
func block(l tongue, i int) string {
	if len(l.blocks) == 0 {
		return "From: Mend <r+abc@mend.test>|Sent: Tuesday|To: Anna|Subject: One question"
	}
	return l.blocks[i%len(l.blocks)]
}

// page is a reply to the quoted letter as a client lays it out.
func page(client replies.Client, words, attribution, block string) string {
	return client.PageBelow(words, attribution, block, replies.Divs(plain(quotedLetter)))
}

// removed shows what became of each line.
func removed(m inbox.Message) string {
	var b strings.Builder
	for _, l := range m.Lines {
		fmt.Fprintf(&b, "%14s | %s\n", l.Rule, l.Text)
	}
	return b.String()
}
