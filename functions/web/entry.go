package web

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"example.org/mend/shared/change"
	"example.org/mend/shared/journal"
	"example.org/mend/shared/mend"
)

// entry is a reply as pages show it. One that is too long for a page of many has only a part.
type entry struct {
	mend.Reply
	Name mend.Entry
	Said []said
	Long bool
}

// Bare reports that there is nothing of an entry to show: KEPT in answer to a promise, say, or
// words that the person does not want kept.
func (e entry) Bare() bool {
	return e.Words == "" && e.Mood == 0 && e.Attachments == 0
}

// said is some of an entry's words, and what they answer. They show as they are. The words that
// were searched for are marked.
type said struct {
	Question string
	Words    []piece
}

type piece struct {
	Text  string
	Found bool
}

// How many characters of an entry pages show.
const (
	mostShown        = 900     // among others
	mostFound        = 500     // of what a search found
	mostOnDay        = 400     // on this day
	mostWaitingShown = 300     // enough to know a reply by
	mostOfOne        = 100_000 // on its own page: more than can be changed there
	mostOfYear       = 500_000 // of a year; Lambda takes an answer of 6 MB
	mostOfQuestion   = 300
)

func entryOf(r mend.Reply, most int, query string) entry {
	e := entry{Reply: r, Name: mend.EntryOf(r)}
	words := []rune(r.Words)
	var sought [][]rune // as [marked] compares them
	for word := range strings.FieldsSeq(strings.ToLower(query)) {
		sought = append(sought, []rune(word))
	}
	from := 0
	if e.Long = len(words) > most; e.Long {
		if first := slices.IndexFunc(marked(words, sought), func(p piece) bool { return p.Found }); first > 0 {
			before := utf8.RuneCountInString(marked(words, sought)[0].Text)
			from = min(max(0, before-most/3), len(words)-most)
		}
		words = words[from : from+most]
	}
	question := curly(cut(r.Question, mostOfQuestion))
	if e.Long || len(r.Answers) < 2 {
		e.Said = []said{{question, marked(words, sought)}}
	} else {
		e.Said = between(r, question, sought)
	}
	if e.Long {
		last := &e.Said[0].Words
		if from > 0 {
			*last = slices.Insert(*last, 0, piece{Text: "… "})
		}
		*last = append(*last, piece{Text: " …"})
	}
	return e
}

// between parts the words of someone who answered between the lines of the letter: each part with
// the line that it answers.
func between(r mend.Reply, question string, sought [][]rune) []said {
	all, rest := []said{{Question: question}}, r.Words
	for _, a := range r.Answers {
		before, after, ok := strings.Cut(rest, a.Words)
		if !ok {
			return []said{{question, marked([]rune(r.Words), sought)}}
		}
		if before = strings.TrimSpace(before); before != "" {
			all[len(all)-1].Words = append(all[len(all)-1].Words, marked([]rune("\n"+before), sought)...)
		}
		all = append(all, said{curly(cut(a.Question, mostOfQuestion)), marked([]rune(a.Words), sought)})
		rest = after
	}
	if rest = strings.TrimSpace(rest); rest != "" {
		all = append(all, said{"", marked([]rune(rest), sought)})
	}
	if len(all[0].Words) == 0 {
		all = all[1:]
	}
	return all
}

// curly is a line of a letter with the quotation marks that its HTML has. It is kept with straight
// ones.
func curly(line string) string {
	parts := strings.Split(strings.ReplaceAll(line, "'", "’"), `"`)
	for i := range parts[1:] {
		parts[i] += string([]rune("“”")[i%2])
	}
	return strings.Join(parts, "")
}

// cut is the end of a text that is too long: what stands right above the words.
func cut(text string, most int) string {
	if all := []rune(text); len(all) > most {
		return "… " + string(all[len(all)-most:])
	}
	return text
}

// marked parts a text into what was sought, whatever its case, and what lies between.
func marked(text []rune, sought [][]rune) []piece {
	low := make([]rune, len(text))
	for i, r := range text {
		low[i] = unicode.ToLower(r)
	}
	var all []piece
	done := 0
	for at := 0; at < len(low); {
		longest := 0
		for _, word := range sought {
			if len(word) > longest && len(word) <= len(low)-at && slices.Equal(low[at:at+len(word)], word) {
				longest = len(word)
			}
		}
		if longest == 0 {
			at++
			continue
		}
		if at > done {
			all = append(all, piece{Text: string(text[done:at])})
		}
		all = append(all, piece{string(text[at : at+longest]), true})
		at += longest
		done = at
	}
	if done < len(text) {
		all = append(all, piece{Text: string(text[done:])})
	}
	return all
}

func entriesOf(replies []mend.Reply, most int, query string) []entry {
	var all []entry
	for _, r := range replies {
		all = append(all, entryOf(r, most, query))
	}
	return all
}

// booklet is all entries of a year, in full as long as there is room for them.
func booklet(replies []mend.Reply) []entry {
	var all []entry
	left := mostOfYear
	for _, r := range replies {
		e := entryOf(r, max(left, 100), "")
		left -= utf8.RuneCountInString(r.Words)
		all = append(all, e)
	}
	return all
}

func showEntry(v *visit) error {
	reply, err := v.svc.Journal.Entry(v.ctx(), v.Access, mend.Entry(v.r.PathValue("entry")))
	if err != nil {
		return err
	}
	f := v.form()
	if !v.sent {
		f.Words = reply.Words
	}
	return v.page("entry", page{Title: "An entry", Data: data{
		"Entry": entryOf(reply, mostOfOne, ""), "Form": f, "Was": change.Hash(reply.Words),
		"Changeable": utf8.RuneCountInString(reply.Words) <= journal.MostEntryWords,
	}})
}

// changeEntry does what a button of an entry says.
func changeEntry(v *visit) (string, error) {
	on, name := v.svc.Journal, mend.Entry(v.r.PathValue("entry"))
	switch action := v.typed("action"); action {
	case "star", "unstar":
		return toJournal("saved"), on.StarReply(v.ctx(), v.Access, name, action == "star")
	case "mute", "unmute":
		return toJournal("saved"), on.MuteReply(v.ctx(), v.Access, name, action == "mute")
	case "words":
		return toJournal("saved"), on.EditReply(v.ctx(), v.Access, name, v.typed("was"), v.typed("words"))
	case "mine":
		return toJournal("kept"), on.ConfirmMine(v.ctx(), v.Access, name)
	case "not-mine":
		return toJournal("deleted"), on.NotMine(v.ctx(), v.Access, name)
	case "delete":
		return toJournal("deleted"), on.DeleteReply(v.ctx(), v.Access, name)
	}
	return "", errNoButton
}
