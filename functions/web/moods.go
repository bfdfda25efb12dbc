package web

import (
	"fmt"
	"slices"
	"strings"

	"example.org/mend/shared/mend"
)

// moodGraph is the numbers from 1 to 5 that someone gave, drawn by date, with a table behind it.
type moodGraph struct {
	Points []moodPoint // newest first
	Lines  []string    // of SVG polylines: a longer silence parts them
	Dates  []graphDate // below the graph
}

type moodPoint struct {
	Date  mend.Date
	Mood  int
	Entry mend.Entry
	X, Y  int
}

type graphDate struct {
	X      int
	Anchor string // of SVG text
	Text   string
}

// The frame of the graph, in units of its viewBox. On a telephone of 320 px it is 165 px tall.
const (
	graphWidth, graphHeight = 340, 200
	graphLeft, graphRight   = 24, 12
	graphTop, graphBottom   = 14, 30
	longestLine             = 14 // days between two numbers that a line still connects
)

// Rules are the five numbers with their heights, the lightest first.
func (moodGraph) Rules() []moodPoint {
	var all []moodPoint
	for mood := 5; mood >= 1; mood-- {
		all = append(all, moodPoint{Mood: mood, Y: heightOf(mood)})
	}
	return all
}

func heightOf(mood int) int {
	return graphHeight - graphBottom - (mood-1)*(graphHeight-graphTop-graphBottom)/4
}

// moodsOf draws the numbers of replies, which come newest first, each at the place of its date.
func moodsOf(moods []mend.Reply) moodGraph {
	var g moodGraph
	if len(moods) == 0 {
		return g
	}
	from, to := moods[len(moods)-1].Date, moods[0].Date
	days := to.Days() - from.Days()
	at := func(day int) int { // days after the first; a single day stands in the middle
		if days == 0 {
			return (graphLeft + graphWidth - graphRight) / 2
		}
		return graphLeft + day*(graphWidth-graphLeft-graphRight)/days
	}
	var line []string
	end := func() {
		if len(line) > 1 {
			g.Lines = append(g.Lines, strings.Join(line, " "))
		}
		line = nil
	}
	for i, r := range moods {
		p := moodPoint{r.Date, r.Mood, mend.EntryOf(r), at(r.Date.Days() - from.Days()), heightOf(r.Mood)}
		if i > 0 && moods[i-1].Date.Days()-r.Date.Days() > longestLine {
			end()
		}
		line = append(line, fmt.Sprintf("%d,%d", p.X, p.Y))
		g.Points = append(g.Points, p)
	}
	end()
	g.Dates = []graphDate{{at(0), "start", shortDate(from, to)}}
	switch {
	case days == 0:
		g.Dates[0].Anchor = "middle"
	case days > 1:
		g.Dates = append(g.Dates, graphDate{at(days / 2), "middle", shortDate(from.AddDays(days/2), to)})
		fallthrough
	default:
		g.Dates = append(g.Dates, graphDate{at(days), "end", shortDate(to, to)})
	}
	return g
}

// shortDate is "2 Mar", with the year where it is another than that of the newest date.
func shortDate(d, newest mend.Date) string {
	text := fmt.Sprintf("%d %.3s", d.Day, d.Month)
	if d.Year != newest.Year {
		text += fmt.Sprintf(" %d", d.Year)
	}
	return text
}

// yearSquares is the twelve months up to this one, the newest first: a square for each day, filled
// where there is an entry.
type yearSquares struct {
	Months []squareMonth
	Filled string // the path of an SVG: the days with an entry
	Days   int    // with an entry
	Years  []int  // with entries, newest first, up to mostYears
	TodayX int
}

type squareMonth struct {
	First mend.Date
	Y     int
	Width int // of all its days
	Days  int // with an entry
}

// The squares, in units of the viewBox.
const (
	squareSize, squareStep  = 8, 10
	squareLeft, squareAbove = 30, 2
	mostYears               = 10
)

func squaresOf(days []mend.Date, today mend.Date) yearSquares {
	y := yearSquares{TodayX: squareLeft + (today.Day-1)*squareStep}
	index := func(d mend.Date) int { return (today.Year-d.Year)*12 + int(today.Month) - int(d.Month) }
	for i, first := 0, today.FirstOfMonth(); i < 12; i, first = i+1, first.AddDays(-1).FirstOfMonth() {
		y.Months = append(y.Months, squareMonth{
			First: first, Y: squareAbove + i*squareStep, Width: first.DaysInMonth() * squareStep,
		})
	}
	seen := map[mend.Date]bool{}
	var path strings.Builder
	for _, d := range days {
		if !slices.Contains(y.Years, d.Year) {
			y.Years = append(y.Years, d.Year)
		}
		if i := index(d); !seen[d] && i >= 0 && i < 12 {
			seen[d] = true
			y.Months[i].Days++
			fmt.Fprintf(&path, "M%d %dh%dv%dh-%dz", squareLeft+(d.Day-1)*squareStep, y.Months[i].Y, squareSize,
				squareSize, squareSize)
		}
	}
	y.Filled, y.Days = path.String(), len(seen)
	slices.SortFunc(y.Years, func(a, b int) int { return b - a })
	y.Years = y.Years[:min(mostYears, len(y.Years))]
	return y
}
