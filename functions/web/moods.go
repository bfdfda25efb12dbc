package web

import (
	"fmt"
	"strings"

	"example.org/mend/shared/journal"
	"example.org/mend/shared/mend"
)

// moodLine is the numbers from 1 to 5 that somebody gave, as a line and as a table.
type moodLine struct {
	Points []moodPoint // oldest first
	Line   string      // of an SVG polyline; "" for a single number, which makes none
	From   mend.Date
	To     mend.Date
}

type moodPoint struct {
	Date mend.Date
	Mood int
	X, Y int // in the frame of moodWidth and moodHeight
}

// Rules are the heights of the five numbers.
func (moodLine) Rules() []int {
	var all []int
	for mood := range 5 {
		all = append(all, moodHeight-moodMargin-mood*(moodHeight-2*moodMargin)/4)
	}
	return all
}

// The frame of the line, in its own units.
const moodWidth, moodHeight, moodMargin = 600, 120, 10

// moodsOf draws the line. A day has its place by its date, so that a month without a word looks
// like one.
func moodsOf(moods []journal.Mood) moodLine {
	var m moodLine
	for _, mood := range moods {
		m.Points = append(m.Points, moodPoint{Date: mood.Date, Mood: mood.Mood})
	}
	if len(m.Points) == 0 {
		return m
	}
	m.From, m.To = m.Points[0].Date, m.Points[len(m.Points)-1].Date
	days := max(m.To.Days()-m.From.Days(), 1)
	var line []string
	for i := range m.Points {
		p := &m.Points[i]
		p.X = moodMargin + (p.Date.Days()-m.From.Days())*(moodWidth-2*moodMargin)/days
		p.Y = moodHeight - moodMargin - (p.Mood-1)*(moodHeight-2*moodMargin)/4
		line = append(line, fmt.Sprintf("%d,%d", p.X, p.Y))
	}
	if len(line) > 1 {
		m.Line = strings.Join(line, " ")
	}
	return m
}
