package replytext

import (
	"slices"
	"strings"

	"example.org/mend/shared/inbox/language"
)

// markFooters goes over what is left between the quotes, piece by piece, and takes away
// what mail programs, gateways and signature settings put there.
func (d *document) markFooters() {
	d.markContainers()
	taken := func(l line) bool { return l.rule != "" && l.rule != Wrapper }
	quotedAbove, ownAbove := false, false
	for i := 0; i < len(d.lines); i++ {
		if taken(d.lines[i]) {
			quotedAbove = quotedAbove || d.lines[i].rule == Quoted
			continue
		}
		end := len(d.lines)
		if n := slices.IndexFunc(d.lines[i:], taken); n >= 0 {
			end = i + n
		}
		p := piece{lines: d.lines[i:end], ownAbove: ownAbove}
		p.markFooters(quotedAbove && ownAbove)
		ownAbove = ownAbove || slices.ContainsFunc(p.lines, func(l line) bool { return l.left() })
		i = end - 1
	}
}

// piece is the lines between two quotes.
type piece struct {
	lines
	ownAbove bool // words of the author stand above it
	first    int  // no line above it is the author's any more; see isFirst
}

func (p *piece) markFooters(closingIsFooter bool) {
	for i := range p.lines {
		if len(p.lines) <= reactionLines {
			p.lines[i].markReaction()
		}
		p.markDevice(i)
	}
	p.markTrailers()
	if p.markSignature() {
		p.markTrailers() // what stood above the signature
	}
	if closingIsFooter {
		p.markClosing()
	}
	p.markContact()
	p.markNameLine()
	if begin, end := p.textBounds(); end-begin > 1 && isRuleLine(p.lines[end-1].low, 8) {
		p.lines[end-1].rule = Divider // drawn, and nothing below it
	}
}

// isFirst reports that the message's first words of the author are on a line of the piece.
func (p *piece) isFirst(line int) bool {
	for p.first < len(p.lines) && !p.lines[p.first].left() {
		p.first++
	}
	return !p.ownAbove && line == p.first
}

// reactionLines is how long a piece with a reaction is at most: such mail says little else.
const reactionLines = 12

// markReaction takes away the sentence around the emoji by which a mail program tells
// of a reaction.
func (l *line) markReaction() {
	if !l.left() || len(l.low) > 160 || !language.Reactions.In(l.low) {
		return
	}
	emoji := strings.Map(func(r rune) rune {
		if isSymbol(r) || r == '\u200d' || r == '\ufe0f' {
			return r
		}
		return -1
	}, l.text)
	if l.text, l.low = emoji, emoji; emoji == "" {
		l.rule = Wrapper
	}
}

// markContainers takes away what a client's HTML says is a signature, unless that is all there
// is: some apps let people type inside it.
func (ls lines) markContainers() {
	outside := func(l line) bool { return l.left() && l.mark&inSignature == 0 && !isRuleLine(l.low, 2) }
	if !slices.ContainsFunc(ls, outside) {
		return
	}
	for i := range ls {
		if l := &ls[i]; l.rule == "" && l.mark&inSignature != 0 {
			l.rule = Signature
		}
	}
}

// markDevice takes away "Sent from my phone", where it stands as mail programs put it: in
// a paragraph of its own, or at the end of the words, with nothing but such lines and
// drawn lines below it.
func (p *piece) markDevice(i int) {
	if !p.lines[i].left() {
		return
	}
	n := len(p.lines)
	begins := i == 0 || !p.lines[i-1].left() || isRuleLine(p.lines[i-1].low, 2)
	ends := i+1 >= n || !p.lines[i+1].left()
	last := func() bool {
		return n-i <= maxGap && !slices.ContainsFunc(p.lines[i+1:], func(l line) bool {
			return l.left() && !isRuleLine(l.low, 2) && !isDevice(l.low)
		})
	}
	if (begins || ends) && isDevice(p.lines[i].low) && (begins && ends || last()) {
		p.lines[i].rule = Device
	}
}

// isDevice reports a line such as "Sent from my iPhone", "Von meinem Handy gesendet", "iPhoneから送信".
func isDevice(low string) bool {
	if len(low) > 200 {
		return false
	}
	s := low
	if link := strings.Index(s, "<http"); link > 0 {
		s = s[:link]
	}
	s = strings.Trim(s, "-–—_*[]()<>|.· \"~=/")
	if language.Footers.Begins(s) && strings.Count(s, " ") < 12 {
		return true
	}
	phrase, rest := language.Device.AtEnd(strings.TrimRight(s, ".!"))
	if phrase == "" { // "Get BlueMail for Android"
		verb, _ := language.Downloads.AtEnd(s)
		return verb != "" && len(s) <= 100 && language.Apps.In(s) && language.Systems.In(s) ||
			strings.HasSuffix(s, "sent from my phone") && strings.Contains(s, "excuse")
	}
	// The device stands right behind the phrase, and little stands behind the device: "Sent from my
	// desk, which is easier than on my phone" are somebody's words.
	first, more := splitClause(rest)
	near, far := strings.Count(first, " "), strings.Count(more, " ")
	switch {
	case near >= 9:
		return false
	case phrase == "sent from my" && more == "" && near < 2, phrase == "dictated but not read",
		strings.HasSuffix(phrase, "my brevity"):
		return true
	}
	return language.Devices.In(phrase+" "+first) &&
		(far < 3 || language.Apologies.In(more) || far < 8 && language.Devices.In(more))
}

// splitClause cuts s at its first comma, full stop or dash.
func splitClause(s string) (first, more string) {
	s = strings.Trim(s, " ,.:;-–—|")
	for i, r := range s {
		after := s[i+len(string(r)):]
		if strings.ContainsRune(",.;!–—|(", r) && (strings.HasPrefix(after, " ") || r == '(') {
			return strings.TrimSpace(s[:i]), strings.TrimSpace(after)
		}
	}
	return s, ""
}

// markTrailers takes away, from the bottom up, paragraphs of legal text, of virus
// scanners and of mailing lists.
func (p *piece) markTrailers() {
	for below := false; ; below = true {
		begin, end := p.lastParagraph()
		if begin == end {
			return
		}
		rule := p.trailer(begin, end)
		if below && end-begin == 1 && language.LegalHeads.Has(strings.Trim(p.lines[begin].low, ":*- ")) {
			rule = Disclaimer
		}
		if rule == "" || rule != Scanner && p.isFirst(begin) {
			return
		}
		p.mark(begin, end, rule)
	}
}

// lastParagraph returns the bounds of the last run of lines with text.
func (p *piece) lastParagraph() (begin, end int) {
	_, end = p.textBounds()
	begin = end
	for begin > 0 && p.lines[begin-1].left() {
		begin--
	}
	return begin, end
}

// trailer judges a paragraph at the end of the words.
func (p *piece) trailer(begin, end int) Rule {
	text := p.joined(begin, end, 4000)
	words := strings.Count(text, " ") + 1
	virus := hasLink(text) || strings.Contains(text, "virus") || strings.Contains(text, "infetto")
	switch {
	case words < 20 && strings.Contains(text, "notified by") && hasLink(text): // a tracker
		return Scanner
	case language.ListFooters.Begins(text), strings.Contains(text, "/mailman/listinfo/"),
		strings.HasPrefix(text, "to unsubscribe from this") &&
			(hasLink(text) || strings.Contains(text, " group") || strings.Contains(text, " list")):
		return ListFooter
	case words <= 45 && (words <= 6 || virus) && language.Scanners.In(text) && !firstPerson(text):
		return Scanner
	case words <= 40 && language.Printing.In(text) && !firstPerson(text):
		return Disclaimer
	}
	if hits := language.Legal.Count(text); hits >= 3 || hits == 2 && words >= 18 && !firstPerson(text) {
		return Disclaimer
	}
	return ""
}

// joined is the folded text of the lines from begin to end, as one line. It ends with the line that
// makes it longer than limit.
func (ls lines) joined(begin, end, limit int) string {
	var b strings.Builder
	for i := begin; i < end && b.Len() < limit; i++ {
		if i > begin {
			b.WriteByte(' ')
		}
		b.WriteString(ls[i].low)
	}
	return b.String()
}

// markBanners takes away what a gateway put above the words.
func (d *document) markBanners() {
	for i := 0; i < len(d.lines); i++ {
		if d.lines[i].blank() {
			continue
		}
		glued := d.splitBanner(i)
		end := i + 1
		for !glued && end < len(d.lines) && !d.lines[end].blank() && d.lines[end].depth == d.lines[i].depth {
			end++
		}
		if d.lines[i].depth > 0 || !d.isBanner(i, end) {
			return
		}
		end = d.bannerEnd(i, end)
		if end < len(d.lines) && strings.Trim(d.lines[end].low, "-_=") == "" && !d.lines[end].blank() {
			end++ // drawn below it
		}
		d.mark(i, end, Banner)
		i = end - 1
	}
}

// splitBanner cuts line i where a gateway glued its sentence to the author's words, and
// reports whether it did.
func (d *document) splitBanner(i int) bool {
	low := d.lines[i].low
	if len(low) > 1000 || !language.BannerStarts.Begins(low) {
		return false
	}
	_, end := language.Banners.Find(low)
	stop := strings.Index(low[end:], ". ")
	if end == 0 || stop < 0 {
		return false
	}
	rest := low[end+stop+2:]
	if !endsSentence(rest) && i+1 < len(d.lines) {
		rest += " " + d.lines[i+1].low // it goes on there
	}
	if language.Banners.In(rest) || language.BannerWords.In(rest) && !firstPerson(rest) {
		return false
	}
	before := d.splits
	d.splitGlued(i, end+stop+2)
	return d.splits > before
}

// bannerEnd returns where a banner ends that may be glued to the words: below the last line that
// has one of its phrases, and what is wrapped off from that.
func (ls lines) bannerEnd(begin, end int) int {
	last := begin
	for i := begin + 1; i < min(end, begin+8); i++ {
		if language.Banners.In(ls[i].low) {
			last = i
		}
	}
	for last++; last < end; last++ {
		above := &ls[last-1]
		if len(above.text) < 60 || endsSentence(above.low) || firstLetterUpper(ls[last].text) {
			break
		}
	}
	return last
}

func (ls lines) isBanner(begin, end int) bool {
	if low := ls[begin].low; low == "[external]" || low == "[ext]" || low == "(external)" {
		return true
	}
	text := strings.TrimLeft(ls[begin].low, "*_[(<!#-=>⚠ \ufe0f")
	if !language.BannerStarts.Begins(text) {
		return false
	}
	text = ls.joined(begin, min(end, begin+6), 1000)
	hits := language.Banners.Count(text)
	return hits >= 2 || hits == 1 && strings.Count(text, " ") <= 40 && !firstPerson(text)
}

// markWrappers takes away PGP armour and the placeholders of pictures.
func (ls lines) markWrappers() {
	for i := 0; i < len(ls); i++ {
		l := &ls[i]
		if armour, ok := strings.CutPrefix(l.low, "-----begin pgp "); ok {
			signed := strings.HasPrefix(armour, "signed") // "Hash: SHA256" follows, up to a blank line
			for l.rule = Wrapper; i+1 < len(ls); i++ {
				if signed && ls[i+1].blank() || strings.HasPrefix(ls[i].low, "-----end pgp") {
					break
				}
				ls[i+1].rule = Wrapper
			}
		} else if isPicture(l.low) && l.depth == 0 {
			l.rule = Wrapper
		}
	}
}

// isPicture reports a placeholder of a picture: [image: logo], [cid:image001.png],
// Outlook's address of it.
func isPicture(low string) bool {
	inside, closed := strings.CutSuffix(low, "]")
	switch {
	case strings.HasPrefix(low, "<image0"):
		return strings.HasSuffix(low, ">")
	case strings.HasPrefix(low, "[http"):
		return !strings.Contains(low, " ") && strings.Contains(low, "]")
	}
	return closed && !strings.Contains(inside, "]") && !strings.Contains(low, "mailtrack") &&
		(strings.HasPrefix(low, "[cid:") || strings.HasPrefix(low, "[image: ") && strings.Count(low, " ") <= 2)
}
