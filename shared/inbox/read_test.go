package inbox_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"example.org/mend/shared/inbox"
	"example.org/mend/shared/inbox/command"
	"example.org/mend/shared/inbox/mime"
)

// crlf turns a message as it is written here into one as it comes.
func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

func read(t testing.TB, raw string) inbox.Message {
	t.Helper()
	m, err := inbox.Read(strings.NewReader(raw), inbox.Letter{})
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	return m
}

func TestReadHeaders(t *testing.T) {
	m := read(t, crlf(`From: =?iso-8859-1?Q?Ann=E9?= Example <ann@example.org>
To: r+abc@mend.test
Subject: =?utf-8?B?UmU6IENhZsOp?=
 and more
Message-ID: <one@example.org>
In-Reply-To: <letter@mend.test>
Date: Tue, 3 Mar 2026 10:15:22 +0100

Hello.
`))
	if m.From != "ann@example.org" || m.MessageID != "one@example.org" || m.Subject != "Re: Café and more" {
		t.Errorf("got from %q, id %q, subject %q", m.From, m.MessageID, m.Subject)
	}
	if m.Kind != inbox.Reply || m.Words != "Hello." || len(m.Flags) != 0 {
		t.Errorf("got kind %s, words %q, flags %v", m.Kind, m.Words, m.Flags)
	}
}

func TestFromIsOneAddressOrNone(t *testing.T) { // what two programs may read differently is none
	for header, want := range map[string]string{
		"ann@example.org":                                      "ann@example.org",
		" Ann@Example.org ":                                    "Ann@Example.org",
		"<ann@example.org>":                                    "ann@example.org",
		`"Ann, of Kiel" <ann@example.org>`:                     "ann@example.org",
		`"ann@example.org" <ann@example.org>`:                  "ann@example.org",
		"Ann B. Example <ann@example.org>":                     "ann@example.org",
		"Änne Müller <ann@example.org>":                        "ann@example.org",
		"=?utf-8?q?=C3=84nne?= <ann@example.org>":              "ann@example.org",
		"Ann\r\n <ann@example.org>":                            "ann@example.org",
		"Ann <ann@example.org>, Ben <ben@example.org>":         "",
		"Ann (at home) ann@example.org":                        "",
		"ann@example.org (<e@evil.example>)":                   "",
		"ann@example.org (Ann)":                                "",
		"(e@evil.example) ann@example.org":                     "",
		"ann@example.org <e@evil.example>":                     "",
		`"<e@evil.example>" <ann@example.org>`:                 "",
		"Ann: ann@example.org;":                                "",
		"undisclosed: ;, ann@example.org":                      "",
		"evil.example ann@example.org":                         "",
		"<@evil.example:ann@example.org>":                      "",
		"ann@example.org;":                                     "",
		"ann@example.org,":                                     "",
		"=?utf-8?q?=3Ce=40evil.example=3E?= <ann@example.org>": "",
		`"e@evil.example\" <ann@example.org>`:                  "",
		"ann@example.org\r\n <e@evil.example>":                 "",
		"e @evil.example <ann@example.org>":                    "",
		"ann @ example.org":                                    "",
		`"ann"@example.org`:                                    "",
		"=?utf-8?q?ann?=@example.org":                          "",
		"ann@[example.org]":                                    "",
		"ann@example.org via evil.example":                     "",
		"Ann <ann@example.org> x":                              "",
		"Ann <<ann@example.org>>":                              "",
		"undisclosed":                                          "",
	} {
		if got := read(t, "From: "+header+"\r\nSubject: hi\r\n\r\nHello.\r\n").From; got != want {
			t.Errorf("From of %q = %q, want %q", header, got, want)
		}
	}
	for _, headers := range []string{"", "From: a@example.org\r\nFrom: b@example.org\r\n"} {
		if got := read(t, headers+"Subject: hi\r\n\r\nHello.\r\n").From; got != "" {
			t.Errorf("From of %q = %q, want none", headers, got)
		}
	}
}

// part is a text/plain message with a body in some encoding.
func part(headers, body string) string { return "Subject: hi\r\n" + crlf(headers) + "\r\n" + body }

func TestCharsets(t *testing.T) {
	tests := []struct{ name, raw, want string }{
		{"none declared, UTF-8", part("", "Ça va, ça ira."), "Ça va, ça ira."},
		{"none declared, Windows-1252", part("", "\x93\xc7a va\x94, \xe7a ira."), "“Ça va”, ça ira."},
		{"ISO-8859-1", part("Content-Type: text/plain; charset=ISO-8859-1\n", "caf\xe9"), "café"},
		{"ISO-8859-1 with the quotes of Windows",
			part("Content-Type: text/plain; charset=ISO-8859-1\n", "\x93caf\xe9\x94"), "“café”"},
		{"ISO-8859-2", part("Content-Type: text/plain; charset=iso-8859-2\n", "\xb3\xf3d\xbc"), "łódź"},
		{"ISO-8859-15", part("Content-Type: text/plain; charset=iso-8859-15\n", "5 \xa4"), "5 €"},
		{"Windows-1251", part("Content-Type: text/plain; charset=windows-1251\n", "\xcf\xf0\xe8\xe2\xe5\xf2"),
			"Привет"},
		{"cp1251", part("Content-Type: text/plain; charset=cp1251\n", "\xcf\xf0\xe8\xe2\xe5\xf2"), "Привет"},
		{"KOI8-R", part("Content-Type: text/plain; charset=koi8-r\n", "\xf0\xd2\xc9\xd7\xc5\xd4"), "Привет"},
		{"Shift_JIS", part("Content-Type: text/plain; charset=Shift_JIS\n", "\x82\xb1\x82\xf1\x82\xc9\x82\xbf\x82\xcd"),
			"こんにちは"},
		{"ISO-2022-JP", part("Content-Type: text/plain; charset=iso-2022-jp\n", "\x1b$B$3$s$K$A$O\x1b(B"), "こんにちは"},
		{"ISO-2022-JP declared ASCII", part("Content-Type: text/plain; charset=us-ascii\n", "\x1b$B$3$s$K$A$O\x1b(B"),
			"こんにちは"},
		{"GB18030", part("Content-Type: text/plain; charset=gb18030\n", "\xc4\xe3\xba\xc3"), "你好"},
		{"gb2312", part("Content-Type: text/plain; charset=gb2312\n", "\xc4\xe3\xba\xc3"), "你好"},
		{"Big5", part("Content-Type: text/plain; charset=big5\n", "\xa7A\xa6n"), "你好"},
		{"EUC-KR", part("Content-Type: text/plain; charset=ks_c_5601-1987\n", "\xbe\xc8\xb3\xe7"), "안녕"},
		// RFC 2152, section "Examples"
		{"UTF-7", part("Content-Type: text/plain; charset=utf-7\n", "Hi Mom -+Jjo--! caf+AOk-"), "Hi Mom -☺-! café"},
		{"UTF-16 with a mark", part("Content-Type: text/plain; charset=utf-16\n", "\xff\xfeh\x00i\x00"), "hi"},
		{"UTF-8 with a mark", part("Content-Type: text/plain; charset=utf-8\n", "\xef\xbb\xbfhi"), "hi"},
		{"declared Latin, is UTF-8", part("Content-Type: text/plain; charset=iso-8859-1\n", "café"), "café"},
		{"declared UTF-8, is Latin", part("Content-Type: text/plain; charset=utf-8\n", "caf\xe9 cr\xe8me"),
			"café crème"},
		{"declared UTF-8, is Cyrillic",
			part("Content-Type: text/plain; charset=utf-8\n",
				"\xcf\xf0\xe8\xe2\xe5\xf2, \xea\xe0\xea \xe4\xe5\xeb\xe0?"),
			"Привет, как дела?"},
		{"declared nonsense", part("Content-Type: text/plain; charset=x-none\n", "café"), "café"},
		{"declared twice over", part("Content-Type: text/plain; charset=\"charset=us-ascii\"\n", "hi"), "hi"},
		{"HTML that declares itself",
			part("Content-Type: text/html\n", "<meta charset=windows-1251><p>\xcf\xf0\xe8\xe2\xe5\xf2</p>"), "Привет"},
	}
	for _, test := range tests {
		if got := read(t, test.raw); got.Words != test.want {
			t.Errorf("%s: words %q, want %q", test.name, got.Words, test.want)
		}
	}
}

func TestWrongCharsetsAreFlagged(t *testing.T) {
	for body, want := range map[string]bool{"caf\xe9": false, "café": true} {
		m := read(t, part("Content-Type: text/plain; charset=iso-8859-1\n", body))
		if got := slices.Contains(m.Flags, mime.BadCharset); got != want {
			t.Errorf("bad charset flagged for %q: %v, want %v", body, got, want)
		}
	}
}

func TestTransferEncodings(t *testing.T) {
	const qp = "Content-Transfer-Encoding: quoted-printable\nContent-Type: text/plain; charset=utf-8\n"
	const b64 = "Content-Transfer-Encoding: base64\nContent-Type: text/plain; charset=utf-8\n"
	tests := []struct {
		name, raw, want string
		damaged         bool
	}{
		{"quoted-printable", part(qp, "caf=C3=A9 and=\r\n more=20\r\n"), "café and more", false},
		{"lower-case digits", part(qp, "caf=c3=a9"), "café", false},
		{"a lone equals sign", part(qp, "1 + 1 = 2"), "1 + 1 = 2", true},
		{"cut in an escape", part(qp, "caf=C3=A9 =E"), "café =E", true},
		{"base64", part(b64, "Y2Fmw6kgYW5k\r\nIG1vcmU=\r\n"), "café and more", false},
		{"strange bytes", part(b64, "Y2Fm!w6kg*YW5k\r\n"), "café and", true},
		{"padding in the middle", part(b64, "Y2Fmw6k=\r\nIGFuZA==\r\n"), "café and", false},
		{"no padding", part(b64, "Y2Fmw6k"), "café", false},
		{"a byte short", part(b64, "Y2Fmw6kgY"), "café", true},
	}
	for _, test := range tests {
		got := read(t, test.raw)
		if got.Words != test.want || slices.Contains(got.Flags, mime.BadEncoding) != test.damaged {
			t.Errorf("%s: words %q, flags %v; want %q, damaged %v",
				test.name, got.Words, got.Flags, test.want, test.damaged)
		}
	}
}

func TestFlowedText(t *testing.T) { // RFC 3676 sections 4.1 to 4.5
	tests := []struct{ params, body, want string }{
		{"format=flowed", "One long \nparagraph.\n\n From the start.\n", "One long paragraph.\n\nFrom the start."},
		{"format=flowed; delsp=yes", "長い \n文です。\n", "長い文です。"},
		{"format=flowed", "Yes.\n\n> a quote that \n> goes on\n\nAnd \n> no more\n", "Yes.\n\nAnd"},
		{"format=flowed", "Yes. \n-- \nAnn\n", "Yes."},
		{"", "One long \nline.\n", "One long\nline."},
	}
	for _, test := range tests {
		got := read(t, part("Content-Type: text/plain; charset=utf-8; "+test.params+"\n", crlf(test.body)))
		if got.Words != test.want {
			t.Errorf("%s %q: words %q, want %q", test.params, test.body, got.Words, test.want)
		}
	}
}

func TestPartsAndAttachments(t *testing.T) {
	m := read(t, crlf(`Content-Type: multipart/mixed; boundary=outer

preamble
--outer
Content-Type: multipart/related; boundary=inner

--inner
Content-Type: multipart/alternative; boundary=alt

--alt
Content-Type: text/plain

The plain words.
--alt
Content-Type: text/html

<p>The same in HTML.</p>
--alt--
--inner
Content-Type: image/png; name="p.png"
Content-Transfer-Encoding: base64
Content-ID: <p>

AAAAAAAA
--inner--
--outer
Content-Type: application/pdf
Content-Disposition: attachment; filename*=utf-8''caf%C3%A9.pdf

%PDF-
--outer
Content-Type: text/plain
Content-Disposition: attachment; filename="../../notes.txt"

These are not the words.
--outer
Content-Type: text/plain

Words below the attachments.
--outer--
`))
	if want := "The plain words.\n\nWords below the attachments."; m.Words != want {
		t.Errorf("words %q, want %q", m.Words, want)
	}
	want := []inbox.Attachment{
		{Name: "p.png", Type: "image/png", Size: 6}, {Name: "café.pdf", Type: "application/pdf", Size: 5},
		{Name: "notes.txt", Type: "text/plain", Size: 24},
	}
	if !slices.Equal(m.Attachments, want) {
		t.Errorf("attachments %v, want %v", m.Attachments, want)
	}
}

// What is the only text of a mail is its body, whatever its headers call it: a telephone network
// gives it a name, another program a subtype of its own (RFC 2046 section 4.1.4).
func TestTheOnlyTextIsTheBody(t *testing.T) {
	const text = "I rang her.\n"
	inParts := func(parts ...string) string {
		return "Content-Type: multipart/mixed; boundary=b\n\n--b\n" + strings.Join(parts, "--b\n") + "--b--\n"
	}
	for _, head := range []string{
		"Content-Type: text/plain; charset=utf-8; name=\"text_0.txt\"\n",
		"Content-Type: text/plain\nContent-Disposition: inline; filename=message.txt\n",
		"Content-Type: text/html; name=body.html\n",
		"Content-Type: text/markdown\n",
		"Content-Type: text/x-unknown; charset=utf-8\n",
		"Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable;\n",
	} {
		part := head + "\n" + text
		for what, raw := range map[string]string{
			"alone":            part,
			"in parts":         inParts(part),
			"beside a picture": inParts("Content-Type: image/png\n\nx\n", part),
			"below no text":    inParts("\n \n", part),
		} {
			m := read(t, crlf("From: ann@example.org\n"+raw))
			named := slices.ContainsFunc(m.Attachments, func(a inbox.Attachment) bool { return a.Type != "image/png" })
			if m.Words != strings.TrimSpace(text) || m.Kind != inbox.Reply || named {
				t.Errorf("%s, %q: got %s with words %q and attachments %v", what, head, m.Kind, m.Words, m.Attachments)
			}
		}
	}
	for _, other := range []string{ // with a body, or said to be attached, or for a program
		inParts("Content-Type: text/plain; name=notes.txt\n\nNotes.\n", "\n"+text),
		inParts("\n"+text, "Content-Type: text/markdown\n\nNotes.\n"),
	} {
		m := read(t, crlf(other))
		if m.Words != strings.TrimSpace(text) || len(m.Attachments) != 1 || len(m.Flags) > 0 {
			t.Errorf("%q: got words %q, attachments %v, flags %v", other, m.Words, m.Attachments, m.Flags)
		}
	}
	for _, head := range []string{
		"Content-Type: text/plain\nContent-Disposition: attachment; filename=notes.txt\n",
		"Content-Type: text/vcard; name=me.vcf\n", "Content-Type: text/calendar\n", "Content-Type: text/csv\n",
	} {
		if m := read(t, crlf(head+"\nNotes.\n")); m.Words != "" {
			t.Errorf("%q: got words %q, want none", head, m.Words)
		}
	}
}

// Some mail programs send nothing that is empty, and some people sign whatever they send.
func TestASubjectStopsAboveNoText(t *testing.T) {
	for body, want := range map[string]command.Stop{
		"": command.StopPlain, ".": command.StopPlain, "--": command.StopPlain, "🙏": command.StopPlain,
		"Ann": command.StopPlain, "Thanks,\nAnn": command.StopPlain,
		"Hello,\n\nThank you.\n\nAnn Example": command.StopPlain,
		"I told him.":                         command.NoStop, "1": command.NoStop, "4\nThanks": command.NoStop,
		"I told him.\n\nAnn": command.NoStop, "Stop it, she said.": command.StopAsks,
	} {
		if got := read(t, crlf("Subject: STOP\n\n"+body+"\n")).Stop(); got != want {
			t.Errorf("%q below the subject STOP: got %q, want %q", body, got, want)
		}
	}
}

func TestHTMLIsReadWhereThereIsNoText(t *testing.T) {
	tests := []struct{ name, plain, want string }{
		{"no text", "", "Hello."},
		{"blank text", "\n \n", "Hello."},
		{"a note that there is HTML", "Your mail client does not support HTML messages.\n", "Hello."},
		{"text", "Hello, plain.\n", "Hello, plain."},
	}
	for _, test := range tests {
		m := read(t, crlf("Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\n"+
			test.plain+"\n--b\nContent-Type: text/html\n\n<p>Hello.</p>\n--b--\n"))
		if m.Words != test.want {
			t.Errorf("%s: words %q, want %q", test.name, m.Words, test.want)
		}
	}
}

func TestDamagedStructureIsReadAllTheSame(t *testing.T) {
	body := "--b\nContent-Type: text/plain\n\nHello.\n--b--\n"
	tests := []struct {
		name, raw string
		flag      inbox.Flag
	}{
		{"no boundary declared", "Content-Type: multipart/mixed\n\n" + strings.ReplaceAll(body, "--b", "--boundary1"),
			mime.BadBoundary},
		{"another boundary used",
			"Content-Type: multipart/mixed; boundary=other\n\n" + strings.ReplaceAll(body, "--b", "--boundary1"),
			mime.BadBoundary},
		{"no boundary at all", "Content-Type: multipart/mixed; boundary=other\n\nHello.\n", mime.BadBoundary},
		{"no end", "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nHello.\n", ""},
		{"a part without headers", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello.\n--b--\n", ""},
		{"a part without headers or blank line",
			"Content-Type: multipart/mixed; boundary=b\n\n--b\nHello.\n--b--\n", mime.BadHeaders},
		{"a broken header in a part", "Content-Type: multipart/mixed; boundary=b\n\n--b\nbroken header\n" +
			"Content-Type: text/plain\n\nHello.\n--b--\n", mime.BadHeaders},
		{"an mbox line", "From ann@example.org Tue Mar  3 10:15:22 2026\nSubject: hi\n\nHello.\n", ""},
		{"a broken header", "Subject: hi\nthis is none\nFrom: ann@example.org\n\nHello.\n", mime.BadHeaders},
		{"no blank line before the text", "Subject: hi\nHello.\n", mime.BadHeaders},
		{"no headers", "\nHello.\n", ""},
		{"a strange content type", "Content-Type: text; charset=\n\nHello.\n", ""},
		{"blanks behind a boundary",
			"Content-Type: multipart/mixed; boundary=b\n\n--b  \nContent-Type: text/plain\n\nHello.\n--b--  \n", ""},
	}
	for _, test := range tests {
		for _, raw := range []string{test.raw, crlf(test.raw)} {
			m := read(t, raw)
			if m.Words != "Hello." {
				t.Errorf("%s: words %q, want %q", test.name, m.Words, "Hello.")
			}
			if test.flag != "" && !slices.Contains(m.Flags, test.flag) {
				t.Errorf("%s: flags %v, want %s among them", test.name, m.Flags, test.flag)
			}
		}
	}
}

func TestLimitsCutAndFlag(t *testing.T) {
	nested := ""
	for i := range 12 {
		nested += fmt.Sprintf("Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	var parts strings.Builder
	parts.WriteString("Content-Type: multipart/mixed; boundary=b\n\n")
	for range 60 {
		parts.WriteString("--b\nContent-Type: text/plain\n\nx\n")
	}
	tests := []struct {
		name, raw string
		flag      inbox.Flag
		words     string
	}{
		{"depth", nested + "\nHello.\n", mime.CutDepth, ""},
		{"parts", parts.String(), mime.CutParts, strings.TrimSpace(strings.Repeat("x\n\n", 50))},
		{"text", "Subject: hi\n\n" + strings.Repeat("x", 1<<20) + "y\n", mime.CutText, strings.Repeat("x", 1<<20)},
		{"raw", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello\n--b\nContent-Type: image/png\n\n" +
			strings.Repeat(strings.Repeat("x", 1000)+"\n", 42<<10), mime.CutRaw, "Hello"},
		{"a bomb of headers", strings.Repeat("X-Bomb: "+strings.Repeat("x", 900)+"\n", 1000) + "\nHello.\n",
			mime.CutHeaders, "Hello."},
		{"a header as long as a book", "X-Bomb: " + strings.Repeat("x", 1<<20) + "\n\nHello.\n",
			mime.CutHeaders, "Hello."},
	}
	for _, test := range tests {
		m, err := inbox.Read(strings.NewReader(crlf(test.raw)), inbox.Letter{})
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		if !slices.Contains(m.Flags, test.flag) || m.Words != test.words {
			t.Errorf("%s: words %q, flags %v; want %q and %s", test.name, m.Words, m.Flags, test.words, test.flag)
		}
	}
}

func TestErrorsOfTheReaderAreTold(t *testing.T) {
	broken := errors.New("line is dead")
	m, err := inbox.Read(io.MultiReader(strings.NewReader("Subject: hi\r\n\r\nHello.\r\n"), iotest.ErrReader(broken)),
		inbox.Letter{})
	if !errors.Is(err, broken) || m.Words != "Hello." {
		t.Errorf("Read = %q, %v; want what came before, and the error", m.Words, err)
	}
}

func TestWrappedMessages(t *testing.T) {
	t.Run("TNEF", func(t *testing.T) { // [MS-OXTNEF] section 2.1
		var tnef bytes.Buffer
		tnef.Write([]byte{0x78, 0x9f, 0x3e, 0x22, 1, 0})
		attribute := func(id uint32, data string) {
			tnef.WriteByte(1)
			for _, n := range []uint32{id, uint32(len(data))} {
				tnef.Write([]byte{byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24)})
			}
			tnef.WriteString(data)
			tnef.Write([]byte{0, 0})
		}
		attribute(0x00089006, "\x00\x00\x01\x00")
		attribute(0x0002800c, "Hello.\x00")
		m := read(t, crlf("Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n")+
			base64.StdEncoding.EncodeToString(tnef.Bytes()))
		if m.Words != "Hello." || !slices.Contains(m.Flags, mime.TNEF) {
			t.Errorf("words %q, flags %v", m.Words, m.Flags)
		}
	})
	// RFC 8551 section 3.5.2, with indefinite lengths as openssl writes them
	t.Run("S/MIME, signed and opaque", func(t *testing.T) {
		inner := crlf("Content-Type: text/plain\n\nHello.\n")
		der := []byte{0x30, 0x80, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02, 0xa0, 0x80, 0x30,
			0x80, 0x02, 0x01, 0x01, 0x31, 0x00, 0x30, 0x80, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07,
			0x01, 0xa0, 0x80, 0x24, 0x80}
		for _, piece := range []string{inner[:10], inner[10:]} {
			der = append(append(der, 0x04, byte(len(piece))), piece...)
		}
		der = append(der, 0, 0, 0, 0, 0, 0)
		m := read(t, crlf("Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\n"+
			"Content-Transfer-Encoding: base64\n\n")+base64.StdEncoding.EncodeToString(der))
		if m.Words != "Hello." || !slices.Contains(m.Flags, mime.Signed) {
			t.Errorf("words %q, flags %v", m.Words, m.Flags)
		}
	})
	t.Run("S/MIME, encrypted", func(t *testing.T) {
		m := read(t, crlf("Content-Type: application/pkcs7-mime; smime-type=enveloped-data\n"+
			"Content-Transfer-Encoding: base64\n\nAAAA\n"))
		if m.Kind != inbox.Empty || !slices.Contains(m.Flags, mime.Encrypted) {
			t.Errorf("kind %s, flags %v", m.Kind, m.Flags)
		}
	})
	t.Run("PGP/MIME, signed", func(t *testing.T) { // RFC 3156 section 5
		m := read(t, crlf("Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; boundary=b\n\n"+
			"--b\nContent-Type: text/plain\n\nHello.\n--b\n"+
			"Content-Type: application/pgp-signature; name=signature.asc\n\n-----BEGIN PGP SIGNATURE-----\n--b--\n"))
		if m.Words != "Hello." || !slices.Contains(m.Flags, mime.Signed) || len(m.Attachments) != 0 {
			t.Errorf("words %q, flags %v, attachments %v", m.Words, m.Flags, m.Attachments)
		}
	})
	t.Run("PGP, encrypted in the text", func(t *testing.T) {
		m := read(t, crlf("Subject: hi\n\n-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n"))
		if m.Kind != inbox.Empty || !slices.Contains(m.Flags, mime.Encrypted) {
			t.Errorf("kind %s, words %q, flags %v", m.Kind, m.Words, m.Flags)
		}
	})
}

func TestHTMLKeepsItsShape(t *testing.T) {
	tests := []struct{ html, want string }{
		{"<p>One.</p><p>Two.</p>", "One.\n\nTwo."},
		{"<div>One.</div><div>Two.</div><div><br></div><div>Three.</div>", "One.\nTwo.\n\nThree."},
		{"One<br>two", "One\ntwo"},
		{"Words\n  in   one\tline", "Words in one line"},
		{"<p>See <a href=\"https://example.org/a?b=c\">this page</a>.</p>",
			"See this page <https://example.org/a?b=c>."},
		{"<a href=\"https://example.org/\">example.org</a>", "example.org"},
		{"<a href=\"mailto:ann@example.org\">Ann</a>", "Ann"},
		{"<ul><li>one<li>two</ul>", "- one\n- two"},
		{"<ol><li>one</li><li>two</li></ol>", "1. one\n2. two"},
		{"<pre>a\n  b</pre>", "a\n  b"},
		{"a&nbsp;b &lt;c&gt; &amp;", "a b <c> &"},
		{"<style>p{}</style><script>x()</script><p style=\"display:none\">hidden</p><p>seen</p>", "seen"},
		{"<p>smile <img alt=\"😀\" src=\"x\"><img alt=\"logo\" src=\"y\"></p>", "smile 😀"},
		{"<blockquote style=\"margin:0 0 0 40px;border:none;padding:0px\">my own</blockquote>", "my own"},
		{"<p>unclosed <b>tags<p>go on", "unclosed tags\n\ngo on"},
		{"<p>5 &gt; 3, she said</p>", "5 > 3, she said"},
		{"<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"},
	}
	for _, test := range tests {
		if got := inbox.ReadHTML(test.html, inbox.Letter{}); got.Words != test.want {
			t.Errorf("%s\ngot  %q\nwant %q", test.html, got.Words, test.want)
		}
	}
}

func TestAuthorsOwnQuoteInGmailIsTheirs(t *testing.T) {
	m := inbox.ReadHTML(`<div dir="ltr">She said<blockquote class="gmail_quote">`+
		`<div class="gmail_default">that she is tired</div></blockquote>and left.</div>`, inbox.Letter{})
	if want := "She said\nthat she is tired\nand left."; m.Words != want {
		t.Errorf("words %q, want %q", m.Words, want)
	}
}

func TestWordsTypedInsideASignatureAreKept(t *testing.T) {
	m := inbox.ReadHTML(`<body><div id="Signature"><p>I called her.</p></div><hr>`+
		`<div id="divRplyFwdMsg"><b>From:</b> Mend</div><div>Zephyr</div></body>`, inbox.Letter{})
	if m.Words != "I called her." {
		t.Errorf("words %q", m.Words)
	}
}

func TestMemoryDoesNotGrowWithAttachments(t *testing.T) {
	allocated := func(size int) int64 {
		raw := bigMessage(size)
		least := int64(math.MaxInt64) // something else may allocate meanwhile
		for range 5 {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			if _, err := inbox.Read(bytes.NewReader(raw), inbox.Letter{}); err != nil {
				t.Fatal(err)
			}
			runtime.ReadMemStats(&after)
			least = min(least, int64(after.TotalAlloc-before.TotalAlloc))
		}
		return least
	}
	if small, large := allocated(1<<16), allocated(8<<20); large > small+64<<10 {
		t.Errorf("reading allocates %d bytes with 64 KB attached, %d with 8 MB", small, large)
	}
}

// bigMessage is a reply with attachments of size bytes in all.
func bigMessage(size int) []byte {
	var b bytes.Buffer
	b.WriteString(crlf("From: ann@example.org\nContent-Type: multipart/mixed; boundary=b\n\n--b\n" +
		"Content-Type: text/plain\n\nHello.\n"))
	line := strings.Repeat("QUJD", 19) + "\r\n"
	for i := range 4 {
		fmt.Fprintf(&b, "\r\n--b\r\nContent-Type: image/jpeg; name=%d.jpg\r\nContent-Transfer-Encoding: base64\r\n\r\n",
			i)
		for n := 0; n < size/4; n += len(line) {
			b.WriteString(line)
		}
	}
	b.WriteString("\r\n--b--\r\n")
	return b.Bytes()
}
