package letter

import (
	"html"
	"io"
	"mime/quotedprintable"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// RFC 2045 section 6.7: decoding gives the text back, in lines of at most 76, whatever pieces
// (without a space at their ends) it was encoded in.
func TestQuotedPrintableJoins(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOf(rapid.OneOf(
			rapid.StringMatching(`[ -~\n=]{0,200}`),
			rapid.StringMatching(`(a| |\n|=|é|李){0,90}`),
		)).Draw(t, "texts")
		var raw []byte
		for i := range texts {
			texts[i] = strings.TrimRight(texts[i], " ")
			raw = appendQuoted(raw, texts[i])
		}
		for line := range strings.SplitSeq(string(raw), "\r\n") {
			if len(line) > 76 || strings.HasSuffix(line, " ") || strings.ContainsAny(line, "\r\n") {
				t.Fatalf("line %q of %d characters", line, len(line))
			}
		}
		got, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(string(raw))))
		want := strings.ReplaceAll(strings.Join(texts, ""), "\n", "\r\n")
		if err != nil || string(got) != want {
			t.Fatalf("got %q, %v; want %q", got, err, want)
		}
	})
}

// The HTML part needs no transfer encoding (RFC 2045 section 2.7), and says what it said.
func TestHTMLIsASCIIInShortLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOf(rapid.OneOf(
			rapid.StringMatching(`[a-z.é李😀<&;"]{1,60}`),
			rapid.SampledFrom([]string{"From", "--=_mend", "--=_mend--", "."}),
		)).Draw(t, "words")
		typed := escape(strings.Join(words, " "))
		raw := string(encodeHTML("<p>" + typed + "</p>\n"))
		for line := range strings.SplitSeq(raw, "\r\n") {
			if strings.HasPrefix(line, "From") || strings.HasPrefix(line, "--=") || line == "." ||
				strings.HasSuffix(line, " ") {
				t.Fatalf("line %q", line)
			}
			if len(line) > 76 && strings.Contains(strings.ReplaceAll(line, " From", ""), " ") ||
				strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r > '~' }) {
				t.Fatalf("line %q is long or not ASCII", line)
			}
		}
		got := html.UnescapeString(strings.TrimSuffix(strings.ReplaceAll(raw, "\r\n", " "), " "))
		if want := "<p>" + strings.Join(words, " ") + "</p>"; got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}

// RFC 3676 sections 4.1, 4.2 and 4.4: a reader who joins flowed lines gets the paragraph back; no
// line is longer than 78 but a single word; none looks like a quotation or a signature.
func TestFlowedGivesParagraphsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.OneOf(
			rapid.StringMatching(`[a-z,.é李]{1,12}`),
			rapid.SampledFrom([]string{
				"From", ">", ">>", "--", "-", "https://mend.example/" + strings.Repeat("a", 90),
			}),
		), 1, 80).Draw(t, "words")
		paragraph := strings.Join(words, " ")
		flowed := flow(paragraph)
		for line := range strings.SplitSeq(strings.TrimSuffix(flowed, "\n"), "\n") {
			if utf8.RuneCountInString(line) > 78 && strings.Contains(strings.TrimSpace(line), " ") {
				t.Fatalf("line %q is too long", line)
			}
			if strings.HasPrefix(line, ">") || strings.HasPrefix(line, "From ") || line == "-- " {
				t.Fatalf("line %q would be taken for something else", line)
			}
		}
		if got := unflow(flowed); got != paragraph {
			t.Fatalf("got %q, want %q", got, paragraph)
		}
	})
}

// The text part shows no stars: emphasis is in quotation marks there.
func TestAsText(t *testing.T) {
	for words, want := range map[string]string{
		"":                       "",
		"use *Change*, below":    `use "Change", below`,
		"say *yes* or *partly*.": `say "yes" or "partly".`,
		"*I'm angry that …*":     `"I'm angry that …"`,
		"2 * 3 and 4 * 5":        "2 * 3 and 4 * 5",
		"one *star":              "one *star",
		"**":                     "**",
		"a ** b":                 "a ** b",
		"3 * 4 is *not* 7":       `3 * 4 is "not" 7`,
	} {
		if got := asText(words); got != want {
			t.Errorf("asText(%q): got %q, want %q", words, got, want)
		}
	}
}

// unflow is RFC 3676 section 4.1, for text without quotes.
func unflow(flowed string) string {
	var out strings.Builder
	for line := range strings.SplitSeq(strings.TrimSuffix(flowed, "\n"), "\n") {
		line = strings.TrimPrefix(line, " ")
		out.WriteString(line)
		if !strings.HasSuffix(line, " ") {
			out.WriteByte('\n')
		}
	}
	return strings.TrimSuffix(out.String(), "\n")
}

func TestPlain(t *testing.T) {
	for typed, want := range map[string]string{
		"":                              "",
		"call Ann":                      "call Ann",
		" call \t\n Ann ":               "call Ann",
		"a\u00a0b\u2003c":               "a b c",
		"a\r\nBcc: b\x00\x7f\u0085c":    "a Bcc: b c",
		"a\u202eb\u2066c\u200fd\u061ce": "abcde",
		"a\u2028b\u2029c\ufeffd":        "a b cd",
		"a\xffb":                        "a\uFFFDb",
		"👩‍👩‍👧 می‌خواهم":                "👩‍👩‍👧 می‌خواهم", // joiners carry meaning
	} {
		if got := plain(typed); got != want {
			t.Errorf("plain(%q): got %q, want %q", typed, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		typed := rapid.String().Draw(t, "typed")
		shown := plain(typed)
		if plain(shown) != shown || !utf8.ValidString(shown) || strings.ContainsFunc(shown, unicode.IsControl) ||
			strings.ContainsFunc(shown, isBidiControl) {
			t.Fatalf("plain(%q) is %q, which is not plain", typed, shown)
		}
	})
}

func isBidiControl(r rune) bool { return unicode.Is(unicode.Bidi_Control, r) }

func TestInline(t *testing.T) {
	l := newComposer(t).languages()["en"]
	for words, want := range map[string]string{
		`It isn't "so".`:          `It isn’t “so”.`,
		`"*Stop*," he said.`:      `“<em>Stop</em>,” he said.`,
		`*"I was wrong"*`:         `<em>“I was wrong”</em>`,
		`the brothers' 'yes'`:     `the brothers’ ‘yes’`,
		`2 * 3 < 7 & so on`:       `2 * 3 &lt; 7 &amp; so on`,
		`one *star`:               `one *star`,
		`*two* and *three*`:       `<em>two</em> and <em>three</em>`,
		`<b onclick="x">bold</b>`: `&lt;b onclick=”x”&gt;bold&lt;/b&gt;`,
	} {
		if got := l.inline(words); got != want {
			t.Errorf("inline(%q): got %s, want %s", words, got, want)
		}
	}
}
