package mime

import (
	"bytes"
	"encoding/base64"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	encodingunicode "golang.org/x/text/encoding/unicode"
)

// decodeCharset turns the bytes of a text part into UTF-8 with LF line ends. The
// declared charset is believed unless the bytes contradict it; fits is false then, or if it is
// unknown. Labels are those of the WHATWG encoding standard, and UTF-7.
func decodeCharset(raw []byte, declared, mediaType string) (decoded string, fits bool) {
	label := cleanLabel(declared)
	if mediaType == "text/html" && label == "" {
		label = metaCharset(raw)
	}
	decoded, fits = decodeAs(raw, label)
	return CleanLines(decoded), fits
}

func decodeAs(raw []byte, label string) (string, bool) {
	if text, ok := byteOrderMark(raw); ok {
		return text, true
	}
	whole := string(raw)
	ascii := isASCII(whole)
	switch {
	case label == "utf-7" || label == "unicode-1-1-utf-7":
		return decodeUTF7(raw), true
	case ascii && bytes.Contains(raw, []byte("\x1b$")): // whatever it says, nothing else looks so
		text, _ := japanese.ISO2022JP.NewDecoder().Bytes(raw)
		return string(text), true
	case ascii && !isMultiByte7(label):
		return whole, label == "" || label == "utf-8" || label == "us-ascii" || lookupCharset(label) != nil
	case label == "" || label == "utf-8" || label == "us-ascii" || label == "utf8":
		if utf8.ValidString(whole) {
			return whole, label != "us-ascii"
		}
		return guess(raw), label == ""
	}
	e := lookupCharset(label)
	if e == nil {
		return guess(raw), false
	}
	if isSingleByte(e) && utf8.ValidString(whole) && !isMultiByte7(label) {
		return whole, false // UTF-8 with an old label: no single-byte text looks like it
	}
	text, err := e.NewDecoder().Bytes(raw)
	if err != nil || bytes.Count(text, []byte("\ufffd"))*20 > utf8.RuneCount(text) {
		return guess(raw), false
	}
	return string(text), true
}

// cleanLabel undoes what senders do to a charset's name: charset="charset=us-ascii",
// quotes, blanks.
func cleanLabel(label string) string {
	label = strings.ToLower(strings.Trim(label, " \t\"'"))
	label = strings.TrimPrefix(label, "charset=")
	return strings.Trim(label, " \t\"';")
}

// isMultiByte7 reports charsets that write other scripts in ASCII bytes.
func isMultiByte7(label string) bool {
	return strings.HasPrefix(label, "iso-2022") || label == "hz-gb-2312" || strings.HasPrefix(label, "utf-16") ||
		label == "csiso2022kr"
}

// lookupCharset finds a charset by any of its names; nil if there is none.
func lookupCharset(label string) encoding.Encoding {
	label = cleanLabel(label)
	switch label {
	case "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258":
		label = "windows-" + label[2:]
	case "cp932", "windows-31j", "ms932":
		label = "shift_jis"
	case "cp936", "gb2312-80":
		label = "gb18030"
	case "cp949", "ms949":
		label = "euc-kr"
	case "cp850":
		return charmap.CodePage850
	case "cp437":
		return charmap.CodePage437
	}
	e, err := htmlindex.Get(label)
	if err != nil || e == encoding.Replacement {
		return nil
	}
	return e
}

func isSingleByte(e encoding.Encoding) bool {
	_, ok := e.(*charmap.Charmap)
	return ok
}

// metaCharset is the charset that HTML declares in itself.
func metaCharset(raw []byte) string {
	_, name, certain := charset.DetermineEncoding(raw[:min(len(raw), 1024)], "text/html")
	if !certain {
		return ""
	}
	return name
}

func byteOrderMark(raw []byte) (string, bool) {
	switch {
	case bytes.HasPrefix(raw, []byte("\xef\xbb\xbf")) && utf8.Valid(raw):
		return string(raw[3:]), true
	case bytes.HasPrefix(raw, []byte("\xff\xfe")), bytes.HasPrefix(raw, []byte("\xfe\xff")):
		text, err := encodingunicode.UTF16(encodingunicode.LittleEndian, encodingunicode.UseBOM).NewDecoder().Bytes(raw)
		return string(text), err == nil
	}
	return "", false
}

// guess decodes bytes whose charset nobody told, or told wrong: UTF-8 with a few
// damaged bytes, else the candidate that gives the most letters one would expect beside each other.
func guess(raw []byte) string {
	if utf8.Valid(raw) {
		return string(raw)
	}
	lenient := bytes.ToValidUTF8(raw, []byte("\ufffd"))
	high := 0 // runes beyond ASCII
	for _, r := range string(lenient) {
		if r >= utf8.RuneSelf {
			high++
		}
	}
	if bytes.Count(lenient, []byte("\ufffd"))*10 < high {
		return string(lenient)
	}
	best, bestScore := "", -1<<31
	for _, e := range []encoding.Encoding{
		charmap.Windows1252, charmap.Windows1251, charmap.KOI8R, japanese.ShiftJIS,
		simplifiedchinese.GB18030, korean.EUCKR,
	} {
		text, err := e.NewDecoder().Bytes(raw)
		if err != nil {
			continue
		}
		if score := plausible(string(text)); score > bestScore {
			best, bestScore = string(text), score
		}
	}
	return best
}

// plausible scores text: runs of small letters of one script are likely, capitals within words,
// symbols and letters of mixed scripts are not.
func plausible(s string) int {
	score, seen := 0, 0
	previous := ' '
	for _, r := range s {
		if seen++; seen > 4000 {
			break
		}
		switch {
		case r == utf8.RuneError:
			score -= 20
		case r < utf8.RuneSelf:
			if unicode.IsLetter(r) && unicode.Is(unicode.Cyrillic, previous) {
				score -= 4 // scripts do not mix within a word
			}
		case unicode.In(r, unicode.Hiragana, unicode.Katakana) && r < 0xff00:
			score += 6
		case unicode.Is(unicode.Hangul, r):
			score += 4
		case unicode.Is(unicode.Han, r):
			score += 3
		case unicode.Is(unicode.Cyrillic, r):
			switch {
			case previous < utf8.RuneSelf && unicode.IsLetter(previous):
				score -= 4
			case unicode.IsLower(r) && (previous == ' ' || unicode.Is(unicode.Cyrillic, previous)):
				score += 3
			case unicode.IsUpper(r) && !unicode.IsLetter(previous):
				score += 2
			default:
				score -= 3
			}
		case unicode.IsLetter(r) && previous < utf8.RuneSelf:
			score += 2 // an accented letter among ASCII
		case strings.ContainsRune("’“”„–…€£\u00a0", r):
			score++
		default:
			score -= 2
		}
		previous = r
	}
	return score
}

// decodeUTF7 decodes RFC 2152; what is not valid stands as it is.
func decodeUTF7(raw []byte) string {
	var out strings.Builder
	for i := 0; i < len(raw); i++ {
		if raw[i] != '+' {
			out.WriteByte(raw[i])
			continue
		}
		end := i + 1
		for end < len(raw) && isBase64(raw[end]) {
			end++
		}
		if end == i+1 {
			out.WriteByte('+')
			if end < len(raw) && raw[end] == '-' {
				i = end
			}
			continue
		}
		decoded, err := base64.RawStdEncoding.DecodeString(string(raw[i+1 : end]))
		if err != nil && len(decoded) == 0 {
			out.Write(raw[i:end])
			i = end - 1
			continue
		}
		units := make([]uint16, 0, len(decoded)/2)
		for j := 0; j+1 < len(decoded); j += 2 {
			units = append(units, uint16(decoded[j])<<8|uint16(decoded[j+1]))
		}
		out.WriteString(string(utf16.Decode(units)))
		if i = end - 1; end < len(raw) && raw[end] == '-' {
			i = end
		}
	}
	return out.String()
}

// CleanLines makes every line end a LF and drops what no text contains.
func CleanLines(s string) string {
	if strings.IndexByte(s, '\r') >= 0 {
		s = strings.ReplaceAll(s, "\r\n", "\n")
	}
	odd := strings.IndexByte(s, '\r') >= 0 || strings.IndexByte(s, 0) >= 0 || strings.Contains(s, "\u2028") ||
		strings.Contains(s, "\u2029") || strings.Contains(s, "\ufeff")
	if odd || !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\ufffd")
		s = lineEnds.Replace(s)
	}
	return s
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\x00", "", "\ufeff", "")

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// isBase64 reports a character of RFC 2045 section 6.8.
func isBase64(c byte) bool {
	return 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '+' || c == '/'
}
