package letter

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"example.org/mend/content"
	"example.org/mend/shared/mend"
)

// page is what a test needs to know of a letter's HTML.
type page struct {
	elements   map[string]int
	attributes map[string]bool
	links      map[string]string // labels by URL, each after a space
	title      string
	preheader  string
	visible    string // the text of main
	main       map[string]string
}

// parsePage also holds that every element that is opened is closed, in order.
func parsePage(t testing.TB, source string) page {
	t.Helper()
	p := page{elements: map[string]int{}, attributes: map[string]bool{}, links: map[string]string{}}
	var open []string
	var href string
	z := html.NewTokenizer(strings.NewReader(source))
	for z.Next() != html.ErrorToken {
		switch token := z.Token(); token.Type {
		case html.StartTagToken:
			p.elements[token.Data]++
			attributes := map[string]string{}
			for _, a := range token.Attr {
				p.attributes[a.Key] = true
				attributes[a.Key] = a.Val
			}
			if token.Data == "main" {
				p.main = attributes
			}
			if token.Data != "meta" {
				open = append(open, token.Data)
			}
			if token.Data == "a" {
				href = attributes["href"]
				p.links[href] += " "
			}
		case html.EndTagToken:
			if len(open) == 0 || open[len(open)-1] != token.Data {
				t.Fatalf("</%s> closes %v", token.Data, open)
			}
			open = open[:len(open)-1]
		case html.TextToken:
			within := strings.Join(open, " ")
			switch {
			case within == "html head title":
				p.title += token.Data
			case within == "html body div":
				p.preheader += token.Data
			case strings.HasPrefix(within, "html body main"):
				p.visible += token.Data
			}
			if strings.HasSuffix(within, " a") {
				p.links[href] += token.Data
			}
		}
	}
	if len(open) > 0 {
		t.Fatalf("%v are never closed", open)
	}
	p.visible = strings.Join(strings.Fields(p.visible), " ") // as a client shows it
	return p
}

func TestEveryLetterIsOnePlainColumn(t *testing.T) {
	c := newComposer(t)
	for _, s := range samples() {
		t.Run(s.name, func(t *testing.T) {
			mail := compose(t, c, s.head, s.body)
			m := read(t, mail.Raw)
			p := parsePage(t, m.html)
			for _, banned := range []string{
				"img", "script", "link", "iframe", "form", "input", "object", "svg", "video",
			} {
				if p.elements[banned] > 0 {
					t.Errorf("it has a %s", banned)
				}
			}
			if strings.Contains(m.html, "url(") || strings.Contains(m.html, "@import") || p.attributes["src"] ||
				p.attributes["background"] {
				t.Error("it fetches something")
			}
			if p.elements["h1"] != 1 || p.elements["main"] != 1 || p.main["lang"] != "en" || p.main["dir"] != "ltr" {
				t.Errorf("want one h1 and one main with lang and dir; got %v, %v", p.elements, p.main)
			}
			if p.title != m.subject || m.subject != mail.Subject {
				t.Errorf("title %q, subject %q, Mail.Subject %q: want one", p.title, m.subject, mail.Subject)
			}
			for url, label := range p.links {
				if strings.TrimSpace(label) == "" || strings.Contains(label, "http") ||
					strings.EqualFold(label, " here") {
					t.Errorf("the link to %s reads %q", url, label)
				}
				if !strings.Contains(m.text, url) {
					t.Errorf("the text part has no link to %s", url)
				}
			}
			for _, part := range []string{m.text, p.visible} {
				if !strings.Contains(strings.ReplaceAll(part, " \n", " "), "call your emergency number") ||
					!strings.Contains(part, "More help") {
					t.Error("it does not say where help is")
				}
			}
			if s.head.Stop != "" && (p.links[s.head.Stop] != " Stop" ||
				!strings.HasSuffix(p.links[s.head.Preferences+"/rhythm"], " Change day or time") ||
				p.links[s.head.Preferences+"/pause"] != " Pause") {
				t.Errorf("change, pause and stop: got %v", p.links)
			}
			greeting, _, _ := strings.Cut(p.visible, ",")
			if n := len([]rune(p.preheader + greeting + ",")); n < 200 {
				t.Errorf("preheader, padding and greeting have %d characters: the letter would show behind it", n)
			}
		})
	}
}

// What people typed stays text in both parts: no element, attribute, control or bidirectional
// control of theirs gets in.
func TestTypedWordsAreShownAsText(t *testing.T) {
	const hostile = "\u202e</p><script>alert(1)</script><img src=x onerror=alert(2)>\u2066 *x* {n} {month} \"' & " +
		"\x00\x1b[2J\r\n.\r\n--=_mend\r\nend"
	const shown = `</p><script>alert(1)</script><img src=x onerror=alert(2)> *x* {n} {month} "' & [2J . --=_mend / end`
	c := newComposer(t)
	clean := headTo("zoe@example.org", "Zoë")
	month := february()
	month.Quotes[0].Words, month.Kept[0].Words = hostile, hostile
	for _, s := range []sample{
		{"name", headTo("zoe@example.org", hostile), pageOf(window)},
		{"reminder", clean, Reminder{Words: hostile}},
		{"promise", clean, Promise{Words: hostile, Due: day(1), AnswerURL: "https://mend.example/promise/t1"}},
		{"digest", clean, Digest{month}},
	} {
		t.Run(s.name, func(t *testing.T) {
			m := read(t, compose(t, c, s.head, s.body).Raw)
			p := parsePage(t, m.html)
			if p.elements["script"]+p.elements["img"] > 0 || p.attributes["onerror"] || p.attributes["src"] {
				t.Error("typed HTML became HTML")
			}
			want := shown
			if s.name == "name" {
				want = shownName(hostile)
			}
			if !strings.Contains(p.visible, want) {
				t.Errorf("the HTML part does not show %q", want)
			}
			if !strings.Contains(strings.ReplaceAll(m.text, " \n", " "), want) {
				t.Errorf("the text part does not show %q:\n%s", want, m.text)
			}
			for _, part := range []string{m.text, m.html} {
				if strings.ContainsFunc(part,
					func(r rune) bool { return isBidiControl(r) || r < ' ' && r != '\n' || r == 0x7f }) {
					t.Error("a control character got in")
				}
			}
		})
	}
}

// WCAG 2.2, success criterion 1.4.3, for every color of text on the ground that it stands on.
func TestContrast(t *testing.T) {
	texts := map[string]mend.Color{"ink": mend.Ink, "muted": mend.Muted, "accent": mend.Accent}
	for _, path := range mend.Paths {
		texts[path] = mend.PathColor(path) // also the other way round, on a button and in the month
	}
	for name, text := range texts {
		for _, pair := range [][2]string{{text.Light, mend.Ground.Light}, {text.Dark, mend.Ground.Dark}} {
			if ratio := contrast(t, pair[0], pair[1]); ratio < 4.5 {
				t.Errorf("%s: %s on %s has contrast %.2f, want 4.5", name, pair[0], pair[1], ratio)
			}
		}
	}
}

func contrast(t *testing.T, a, b string) float64 {
	la, lb := luminance(t, a), luminance(t, b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// luminance is WCAG's relative luminance of sRGB.
func luminance(t *testing.T, colour string) float64 {
	var rgb [3]int
	if _, err := fmt.Sscanf(colour, "#%02x%02x%02x", &rgb[0], &rgb[1], &rgb[2]); err != nil {
		t.Fatal(err)
	}
	var l float64
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		c := float64(rgb[i]) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		l += weight * c
	}
	return l
}

// A letter has its path's color, unless someone may look in.
func TestALetterHasTheColorOfItsPath(t *testing.T) {
	c := newComposer(t)
	for _, path := range append([]string{"", "nowhere"}, mend.Paths...) {
		for _, privacy := range []mend.Privacy{mend.Quotes, mend.NoQuotes, mend.LinkOnly} {
			for _, body := range []Body{pageOf(window), Digest{february()}} {
				h := headTo("zoe@example.org", "Zoë")
				h.Path, h.Privacy = path, privacy
				want := mend.PathColor(path)
				if privacy == mend.LinkOnly {
					want = mend.Accent
				}
				page := read(t, compose(t, c, h, body).Raw).html
				for _, other := range append([]string{""}, mend.Paths...) {
					color := mend.PathColor(other)
					has := strings.Contains(page, color.Light) && strings.Contains(page, color.Dark)
					if has != (color == want) {
						t.Errorf("%T, %q, %s: shows the color of %q: %v", body, path, privacy, other, has)
					}
				}
			}
		}
	}
}

// What a reader of the text part reads stands in the HTML as well, paragraph by
// paragraph, in the same order.
func TestBothPartsSayTheSame(t *testing.T) {
	c := newComposer(t)
	straight := strings.NewReplacer("“", `"`, "”", `"`, "‘", "'", "’", "'")
	for _, s := range samples() {
		t.Run(s.name, func(t *testing.T) {
			m := read(t, compose(t, c, s.head, s.body).Raw)
			page := parsePage(t, m.html)
			visible := straight.Replace(page.visible)
			said, footer, ok := strings.Cut(m.text, "\n-- \n")
			if !ok || strings.Count(footer, "https://") < 2 {
				t.Fatalf("the text part has no footer:\n%s", m.text)
			}
			preheader, _, _ := strings.Cut(page.preheader, "\u034f")
			if !strings.Contains(said, "\n\n"+flow(preheader)) {
				t.Errorf("the preheader %q is not in the text part", preheader)
			}
			for i, paragraph := range strings.FieldsFunc(unflow(said), func(r rune) bool { return r == '\n' }) {
				paragraph = strings.TrimSuffix(strings.TrimPrefix(paragraph, "- "), ":")
				switch {
				case i == 1 || strings.HasPrefix(paragraph, "Each place is a day"):
					// the preheader; the month is a table
				case strings.HasPrefix(paragraph, "https://"), strings.HasPrefix(paragraph, "· "):
				default:
					// Emphasis has quotation marks in text alone.
					want := strings.ReplaceAll(straight.Replace(strings.Join(strings.Fields(paragraph), " ")), `"`, "")
					have := strings.ReplaceAll(visible, `"`, "")
					at := strings.Index(have, want)
					if at < 0 {
						t.Fatalf("the HTML lacks %q, or has it elsewhere", paragraph)
					}
					visible = have[at+len(want):]
				}
			}
		})
	}
}

// A language that is written from right to left turns the page, and what is typed in another
// keeps its own direction.
func TestRightToLeft(t *testing.T) {
	english := content.Languages()[0]
	mirror := content.Language{Tag: "en-mirror", Messages: slices.Clone(english.Messages)}
	for i, m := range mirror.Messages {
		if m.Key == "dir" {
			mirror.Messages[i].Variants = []string{"rtl"}
		}
	}
	c, err := New([]content.Language{english, mirror}, newComposer(t).cfg)
	if err != nil {
		t.Fatal(err)
	}
	h := headTo("iman@example.org", "إيمان")
	h.Locale = "en-mirror"
	m := read(t, compose(t, c, h, pageOf(window)).Raw)
	p := parsePage(t, m.html)
	if p.main["dir"] != "rtl" || p.main["lang"] != "en-mirror" || !strings.Contains(m.html, "border-right:3px") ||
		strings.Contains(m.html, "border-left") {
		t.Errorf("the page is not mirrored: %v", p.main)
	}
	if got := m.header.Get("Content-Language"); got != "en-mirror" {
		t.Errorf("Content-Language: got %q", got)
	}
	for words, want := range map[string]string{
		"call Ann":       "ltr",
		"كان يوما طويلا": "rtl",
		"123 שלום":       "rtl",
		"10 · 李":         "ltr",
		"...":            "ltr",
	} {
		m := read(t, compose(t, c, h, Reminder{Words: words}).Raw)
		if !strings.Contains(m.html, `<blockquote dir=`+want+` `) {
			t.Errorf("%q is not laid out %s", words, want)
		}
	}
	h.Locale = "en-GB"
	if got := read(t, compose(t, c, h, pageOf(window)).Raw).header.Get("Content-Language"); got != "en" {
		t.Errorf("a region without a catalogue gets %q, want its language", got)
	}
	h.Locale = "tlh"
	if got := read(t, compose(t, c, h, pageOf(window)).Raw).header.Get("Content-Language"); got != "en" {
		t.Errorf("a language without a catalogue gets %q, want English", got)
	}
}
