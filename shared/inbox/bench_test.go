package inbox_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-message"

	"example.org/mend/infra/replies"
	"example.org/mend/shared/inbox"
)

// replyText is a reply of about size bytes, half of it quote.
func replyText(size int) string {
	var words, quote strings.Builder
	for words.Len() < size/2 {
		words.WriteString("I called my sister yesterday, and we spoke for an hour about the money.\n")
		if words.Len()%5 == 0 {
			words.WriteByte('\n')
		}
	}
	for quote.Len() < size/2 {
		quote.WriteString("> What did you hear the last time that somebody said sorry to you?\n")
	}
	return words.String() + "\nOn Tue, 3 Mar 2026 at 10:15, Mend <r+abc@mend.test> wrote:\n\n" + quote.String()
}

func replyHTML(size int) string {
	return page(replies.Clients[0], replyText(size), "", "")
}

// multipartReply is a text and an HTML part, quoted-printable, of about size bytes in all.
func multipartReply(size int) []byte {
	quoted := func(s string) string {
		s = strings.NewReplacer("=", "=3D", "é", "=C3=A9").Replace(s)
		var b strings.Builder
		for line := range strings.Lines(s) {
			for len(line) > 75 {
				b.WriteString(line[:75] + "=\n")
				line = line[75:]
			}
			b.WriteString(line)
		}
		return b.String()
	}
	text := replyText(size / 3)
	const part = "\n--0000000000001a2b3c\n"
	return []byte(crlf("From: Ann Example <ann@example.org>\nTo: r+abc@mend.test\nSubject: Re: One question\n" +
		"Message-ID: <one@example.org>\nIn-Reply-To: <letter@mend.test>\n" +
		"Date: Tue, 3 Mar 2026 10:15:22 +0100\nMIME-Version: 1.0\n" +
		"Content-Type: multipart/alternative; boundary=\"0000000000001a2b3c\"\n" + part +
		"Content-Type: text/plain; charset=\"UTF-8\"\nContent-Transfer-Encoding: quoted-printable\n\n" +
		quoted(text) + part +
		"Content-Type: text/html; charset=\"UTF-8\"\nContent-Transfer-Encoding: quoted-printable\n\n" +
		quoted(replyHTML(size/3)) + "\n--0000000000001a2b3c--\n"))
}

func BenchmarkText2KB(b *testing.B) {
	text := replyText(2 << 10)
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		inbox.ReadText(text, inbox.Letter{})
	}
}

func BenchmarkMultipart8KB(b *testing.B) { benchmarkRead(b, multipartReply(8<<10)) }

// BenchmarkMultipart8KBBare is what go-message takes to parse the same and to decode
// its parts: the floor.
func BenchmarkMultipart8KBBare(b *testing.B) {
	raw := multipartReply(8 << 10)
	b.ReportAllocs()
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		parseBare(b, raw)
	}
}

// BenchmarkReadingOverParsing reports how many times as long as that floor our reading takes.
func BenchmarkReadingOverParsing(b *testing.B) {
	raw := multipartReply(8 << 10)
	var ours, bare time.Duration
	for b.Loop() {
		start := time.Now()
		if _, err := inbox.Read(bytes.NewReader(raw), inbox.Letter{}); err != nil {
			b.Fatal(err)
		}
		ours += time.Since(start)
		start = time.Now()
		parseBare(b, raw)
		bare += time.Since(start)
	}
	b.ReportMetric(float64(ours)/float64(bare), "x")
}

func parseBare(t testing.TB, raw []byte) {
	entity, err := message.Read(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	parts := entity.MultipartReader()
	for {
		part, err := parts.NextPart()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(part.Body); err != nil {
			t.Fatal(err)
		}
	}
}

func BenchmarkHTML100KB(b *testing.B) {
	text := replyHTML(100 << 10)
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		inbox.ReadHTML(text, inbox.Letter{})
	}
}

func BenchmarkAttachments25MB(b *testing.B) { benchmarkRead(b, bigMessage(25<<20)) }

func benchmarkRead(b *testing.B, raw []byte) {
	b.ReportAllocs()
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		if _, err := inbox.Read(bytes.NewReader(raw), inbox.Letter{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFourTimesTheInput reads 32 KB and then 128 KB of what is repeated, and
// reports how much longer the second takes: about 4. A quadratic rule would report 16.
func BenchmarkFourTimesTheInput(b *testing.B) {
	text := func(s string) { inbox.ReadText(s, inbox.Letter{Text: ourLetter}) }
	html := func(s string) { inbox.ReadHTML(s, inbox.Letter{}) }
	for name, unit := range map[string]string{
		"colons":         "at 10:15 he said:\n",
		"openers":        "On 3 March at 10:15, Ann\n",
		"brackets":       "Ann <\n",
		"labels":         "From: ann@example.org\nTo:\n",
		"marks":          ">>>>>>>>>> \n",
		"rules":          "----------------\n\n",
		"one line":       "On 3 March at 10:15 Ann <ann@example.org> wrote: ",
		"delimiters":     "--\nAnn\n",
		"glued devices":  "Sent from my iPhone\n",
		"contacts below": "Ann Example\n+49 431 5550100\n\nI called her.\n",
		"device lines":   "Sent from my iPhone\n\n",
		"names":          "Ann Example\n\n",
		"contacts":       "Ann Example\n+49 431 5550100\n",
		"legal":          "confidential addressee liability\n\n",
		"blank lines":    "\n",
		"answers":        "> q\n\na\n\n",
		"escapes":        "=C3=A9=\n",
		"letter's words": "What did you hear the last time\n",
	} {
		b.Run("text "+name, func(b *testing.B) { fourTimes(b, unit, text) })
	}
	for name, unit := range map[string]string{
		"open elements":   "<div>",
		"closed elements": "</div>",
		"quotes":          "<blockquote>",
		"links":           "<a href=http://x>",
		"lists":           "<li>x",
		"misnested":       "<b><p></b>",
		"attributes":      "<p a=b c=d>",
	} {
		b.Run("html "+name, func(b *testing.B) { fourTimes(b, unit, html) })
	}
}

func fourTimes(b *testing.B, unit string, read func(string)) {
	small, large := strings.Repeat(unit, 32<<10/len(unit)), strings.Repeat(unit, 128<<10/len(unit))
	var took [2]time.Duration
	for b.Loop() {
		for i, text := range []string{small, large} {
			start := time.Now()
			read(text)
			took[i] += time.Since(start)
		}
	}
	b.ReportMetric(float64(took[1])/float64(took[0]), "x")
}

func ExampleReadText() {
	m := inbox.ReadText("I called her.\n\nSent from my iPhone\n\n"+
		"On Tue, 3 Mar 2026 at 10:15, Mend <r+abc@mend.test> wrote:\n\n> Whom will you call?\n", inbox.Letter{})
	fmt.Println(m.Words)
	// Output: I called her.
}
