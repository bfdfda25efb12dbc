//go:build unix

package inbox_test

import (
	"bytes"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"example.org/mend/shared/inbox"
	"example.org/mend/shared/inbox/command"
)

// shapes are what a hostile mail repeats. Each is tried as text and as HTML.
var shapes = []string{
	"a", "a ", "a\n", "\n", " ", " \n", "\t", ">", "> ", ">\n", "> a\n", ">>>>>>>>>\n", "> > ",
	"|\n", "| a\n", "JD> a\n",
	"-", "--", "-- \n", "--\na\n", "---\n", "---\na\n\n", "___", "________________________________\n", "—\n", "***\n",
	"* * *\n", "=\n", "a=\n", "=20", "==", "=3D=\n",
	"by ", "PROMISE by ", "PROMISE a by\n", "PROMISE x by 3\n", "I promise 3 by ", "on monday ", "in 3 days ", "3/4 ",
	"until ", "pause until ", "Pause\n", "STOP ", "STOP\n", "stop. ", "stop, ", "stop it ",
	"unsubscribe ", "no more ", "no more letters ", "please ", "please\n", "S.T.O.P. ", "停止", "不要", "を停止", "그만 ",
	"Hi\n", "hi ", "Hi, ", "thanks ", "thanks\n", "4\n", "1. a\n",
	"On ", "On 3 ", "On 3 March 2026 ", "On 3 March 2026 at 10:15 a wrote ", "wrote ", "wrote:\n", "wrote: ", "a@b ",
	"a@b\n", "a@b.example wrote\n", "<a@b> ", "<a@b", "<", "<a\n", "@", "10:15 ", "10:15\n", "2026 ", "a:\n", ":",
	"From: ", "From: a\n", "From: a@b\nTo: b\n", "Sent: a\n\n", "To:\n", "Subject: a ", "Von: a\nAn: b\n", "De a\n",
	"-----Original Message-----\n", "----- ", "---------- Forwarded message ----------\n",
	"Sent from my iPhone\n", "Sent from my ", "Sent from\n\n", "Get Outlook for iOS\n", "Ann Example\n",
	"Ann Example\n\n", "+49 431 5550100\n", "Ann\n+49 431 5550100\n", "tel: 1\n", "www.example.org\n",
	"https://example.org/a ", "[image: a]\n", "[cid:a]", "—Ann\n", "/Ben\n",
	"confidential intended recipient ", "CAUTION external sender\n\n", "virus-free ", "reply above this line\n",
	"##- reply above this line -##\n", "Best regards,\n", "Best regards,\nAnn\n", "P.S. ", "\ufffc\n", "\u200b",
	"\u00a0", "é", "ة", "한", "ก", "&gt; ", "&lt;", "&nbsp;",
	"<div>", "<div>a</div>", "</div>", "<p>a", "<br>", "<blockquote>", "<blockquote>a</blockquote>", "</blockquote>",
	"<blockquote><div class=gmail_default>", "<ul><li>", "<ol><li>a", "<a href=https://a.example>a</a>", "<a href=x>",
	"<span>", "<!-- ", "<!--a-->", "<style>", "<script>", "<table><tr><td>", "<hr>", "<pre>\n", "<img alt=é>",
	"<div style=\"display:none\">", "<div class=\"a b c d\">", "<div class=gmail_quote>", "<div id=signature>",
	"<font>",
	"Which window did you open first this week, and what came in? ", "One small practice, about 10 minutes:\n",
	"-----BEGIN PGP SIGNED MESSAGE-----\n", "-----BEGIN PGP SIGNATURE-----\n", "\x1b$B", "+AOk-",
}

// TestTimeGrowsWithLength fails where a reader's time grows faster than what it reads: a stranger's
// mail costs no more than its length. It takes the processor time of its own thread, so that a busy
// machine doesn't count, and the shortest of several readings, because what disturbs one only makes
// it longer. Thirty-two times as much may take twice that much longer, because whatever else the
// machine does shares its caches. What grows with the square takes 1,024 times as long, and a
// square that is a thirtieth of the short reading already fails.
func TestTimeGrowsWithLength(t *testing.T) {
	if len(shapes) < 80 {
		t.Fatalf("only %d shapes", len(shapes))
	}
	words := strings.Repeat("I called my sister and she told me that it was all right now. ", 5)
	const small, times = 4 << 10, 32
	const most = times * 2
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // a collection in between is not the reader's
	readers := map[string]func(string){
		"text":   func(s string) { inbox.ReadText(s, inbox.Letter{Text: ourLetter}) },
		"html":   func(s string) { inbox.ReadHTML(s, inbox.Letter{}) },
		"orders": func(s string) { command.Read(s, wednesday); command.FindStop(s) },
	}
	for i, shape := range shapes {
		if testing.Short() && i%8 != 0 {
			continue
		}
		few, many := words+strings.Repeat(shape, small/len(shape)), words+strings.Repeat(shape, times*small/len(shape))
		for name, read := range readers {
			short, long := time.Hour, time.Hour
			for try := 0; try < 2 || try < 100 && long > most*short; try++ {
				short, long = min(short, timeOf(read, few)), min(long, timeOf(read, many))
			}
			if long > most*short {
				t.Errorf("%s: %q takes %v, and %d times as much of it %v, which is %.1f times as long",
					name, shape, short, times, long, float64(long)/float64(short))
			}
		}
	}
}

// TestOwnWordsCostLittle compares a letter that repeats the person's own words over and over with
// one that is not known to do so: to look in all places for each takes a hundred times as long.
func TestOwnWordsCostLittle(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for _, shape := range []string{"a ", "a b c ", "one two ", "3 of "} {
		text := strings.Repeat(shape, 64<<10/len(shape))
		plain, own := time.Hour, time.Hour
		for range 5 {
			plain = min(plain, timeOf(func(s string) { inbox.ReadText(s, inbox.Letter{Text: s}) }, text))
			own = min(own, timeOf(func(s string) { inbox.ReadText(s, inbox.Letter{Text: s, Own: s}) }, text))
		}
		if own > 5*plain {
			t.Errorf("%q: %v with own words, and %v without", shape, own, plain)
		}
	}
}

// TestReadingAllocatesLittleMoreThanParsing compares our reading of an 8 KB reply with go-message's
// bare parsing of it. BenchmarkReadingOverParsing compares their time.
func TestReadingAllocatesLittleMoreThanParsing(t *testing.T) {
	raw := multipartReply(8 << 10)
	ours := testing.AllocsPerRun(20, func() {
		inbox.Read(bytes.NewReader(raw), inbox.Letter{})
	})
	bare := testing.AllocsPerRun(20, func() { parseBare(t, raw) })
	t.Logf("%v allocations, %v of bare parsing", ours, bare)
	if ours > 1.3*bare {
		t.Errorf("reading allocates %v times, and parsing %v times", ours, bare)
	}
}

// timeOf is the processor time of one reading, on memory that was collected before.
func timeOf(read func(string), s string) time.Duration {
	runtime.GC()
	start := threadTime()
	read(s)
	return threadTime() - start
}

// threadTime is the processor time of this thread.
func threadTime() time.Duration {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &now); err != nil {
		panic(err)
	}
	return time.Duration(now.Nano())
}
