package lint

import (
	"sort"
	"strings"
	"unicode/utf8"
)

// paragraph is a paragraph or a list of the body, soft line breaks undone, and where each part of it stood.
type paragraph struct {
	text string
	runs []run
}

// run says that text from offset on, up to the next run, stood at a place of the file.
type run struct {
	offset int
	place
}

// at is the place of a byte of the paragraph's text.
func (p paragraph) at(offset int) place {
	i := sort.Search(len(p.runs), func(i int) bool { return p.runs[i].offset > offset }) - 1
	r := p.runs[max(i, 0)]
	return place{r.line, r.column + utf8.RuneCountInString(p.text[r.offset:max(offset, r.offset)])}
}

func (p *paragraph) add(separator, text string, at place) {
	p.text += separator
	p.runs = append(p.runs, run{len(p.text), at})
	p.text += text
}

const (
	practiceHeading  = "## Practice"
	questionsHeading = "## Questions"
)

// readBody reads lines from the given index on: the idea, and under their headings the practice and the questions.
func (d *Draft) readBody(lines []string, from int) {
	heads := [2]int{-1, -1} // the lines of the two headings
	for i := from; i < len(lines); i++ {
		if !strings.HasPrefix(lines[i], "#") {
			continue
		}
		switch heading := strings.TrimRight(lines[i], " "); {
		case heading == practiceHeading && heads == [2]int{-1, -1}:
			heads[0] = i
		case heading == questionsHeading && heads[0] >= 0 && heads[1] < 0:
			heads[1] = i
		default:
			d.report(place{i + 1, 1}, "a card has two headings, %q and then %q, once each; this line is %q", practiceHeading, questionsHeading, heading)
		}
	}
	if heads[1] < 0 {
		d.report(place{len(lines), 1}, "after the idea come %q with the practice and %q with three numbered questions", practiceHeading, questionsHeading)
		return
	}
	d.idea = paragraphs(lines, from, heads[0])
	d.practice = paragraphs(lines, heads[0]+1, heads[1])
	d.Idea, d.Practice = texts(d.idea), texts(d.practice)
	if len(d.idea) == 0 {
		d.report(place{from + 1, 1}, "the idea is missing: write it between the front matter and %q", practiceHeading)
	}
	if len(d.practice) == 0 {
		d.report(place{heads[0] + 1, 1}, "the practice is missing: write it below this heading")
	}
	d.readQuestions(lines, heads[1]+1)
}

// readQuestions wants "1. ", "2. " and "3. ", each with any number of further lines.
func (d *Draft) readQuestions(lines []string, from int) {
	for i := from; i < len(lines); i++ {
		line := strings.TrimSpace(lines[i])
		if line == "" {
			continue
		}
		at := place{i + 1, 1 + len(lines[i]) - len(strings.TrimLeft(lines[i], " "))}
		n := len(d.questions)
		if n < 3 && strings.HasPrefix(line, string(rune('1'+n))+". ") {
			at.column += 3
			d.questions = append(d.questions, paragraph{})
			d.questions[n].add("", line[3:], at)
			continue
		}
		if n == 0 || lines[i-1] == "" || line[0] >= '0' && line[0] <= '9' {
			d.report(at, `the questions are three, numbered "1. ", "2. " and "3. " at the beginnings of lines`)
			return
		}
		d.questions[n-1].add(" ", line, at)
	}
	if len(d.questions) < 3 {
		d.report(place{from, 1}, "there are %d questions here: write three, one for each round", len(d.questions))
		return
	}
	for i, q := range d.questions {
		d.Questions[i] = q.text
	}
}

// paragraphs reads blocks that blank lines part, lines[from:to].
func paragraphs(lines []string, from, to int) []paragraph {
	var found []paragraph
	open := false
	for i := from; i < to; i++ {
		line := strings.TrimSpace(lines[i])
		if line == "" {
			open = false
			continue
		}
		separator := ""
		switch {
		case !open:
			found = append(found, paragraph{})
		case strings.HasPrefix(line, "- "):
			separator = "\n"
		default:
			separator = " "
		}
		open = true
		indent := len(lines[i]) - len(strings.TrimLeft(lines[i], " \t"))
		found[len(found)-1].add(separator, line, place{i + 1, 1 + indent})
	}
	return found
}

func texts(paragraphs []paragraph) []string {
	var all []string
	for _, p := range paragraphs {
		all = append(all, p.text)
	}
	return all
}
