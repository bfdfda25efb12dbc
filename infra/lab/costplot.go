package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"strings"

	"github.com/alecthomas/kong"

	"example.org/mend/shared/capacity"
	"example.org/mend/shared/mend"
)

// costCmd is `lab cost`: what a month costs against how many people there are, as a picture. The
// figures are those of `mend plan`, with the shares and habits that it takes by itself.
type costCmd struct{}

// Help is shown by --help.
func (costCmd) Help() string { return `  go run ./infra/lab cost > docs/cost.svg` }

// Run prints the picture.
func (costCmd) Run() error { return costPlot(os.Stdout) }

// monthly is what a month costs for so many people.
type monthly struct {
	people    int
	quota     float64 // the lowest that lets every letter go out in time
	ses, rest float64 // US dollars
}

// costs is what a month costs from ten people to a million, in steps that a logarithmic
// axis makes equal.
func costs() ([]monthly, error) {
	var asked capacity.Asked // as mend plan has it
	if err := kong.ApplyDefaults(&asked); err != nil {
		return nil, err
	}
	var all []monthly
	for i := range 21 {
		m := monthly{people: int(math.Round(math.Pow(10, 1+float64(i)/4)))}
		for _, m.quota = range Quotas[1:] { // the first is that of the sandbox
			asked.People, asked.Quota = m.people, m.quota
			plan, err := capacity.NewPlan(asked, capacity.At(m.quota))
			if err != nil {
				return nil, err
			}
			m.ses, m.rest = plan.USDMonthSES, plan.USDMonth
			if plan.LastIsLate <= mend.SendWindow.Seconds() {
				break
			}
		}
		all = append(all, m)
	}
	return all, nil
}

// The frame of the plot: both axes are logarithmic.
const (
	plotWidth, plotHeight                      = 720, 400
	plotLeft, plotRight, plotTop, plotBottom   = 70, 90, 30, 50
	leastUSD, mostUSD, leastPeople, mostPeople = 0.01, 10_000, 10, 1_000_000
)

func plotX(people float64) float64 {
	share := math.Log10(people/leastPeople) / math.Log10(mostPeople/leastPeople)
	return plotLeft + share*(plotWidth-plotLeft-plotRight)
}

func plotY(usd float64) float64 {
	share := math.Log10(max(usd, leastUSD)/leastUSD) / math.Log10(mostUSD/leastUSD)
	return plotHeight - plotBottom - share*(plotHeight-plotTop-plotBottom)
}

// costPlot prints the plot as SVG, with a title and a description for those who don't see it.
func costPlot(w io.Writer) error {
	all, err := costs()
	if err != nil {
		return err
	}
	var b strings.Builder
	put := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	put(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-labelledby="title what" `+
		`font-family="system-ui, sans-serif" font-size="13">`, plotWidth, plotHeight)
	put(`<title id="title">What a month costs</title>`)
	last := all[len(all)-1]
	put(`<desc id="what">From %s to %s people, in US dollars: SES from $%s to $%s, everything else from $%s to $%s. `+
		`Alarms, logs and what is kept stand beside.</desc>`, thousands(all[0].people), thousands(last.people),
		dollars(all[0].ses), dollars(last.ses), dollars(all[0].rest), dollars(last.rest))
	put(`<style>text{fill:#655c52}.grid{stroke:#e2d9cc}.ses{stroke:#2c5d50}.rest{stroke:#745018}` +
		`polyline{fill:none;stroke-width:2.5}@media(prefers-color-scheme:dark){` +
		`text{fill:#b5aa9b}.grid{stroke:#3c3832}.ses{stroke:#9ccbb8}.rest{stroke:#d9bd86}}</style>`)
	for usd := leastUSD; usd <= mostUSD*1.01; usd *= 10 {
		put(`<line class="grid" x1="%d" x2="%d" y1="%.1f" y2="%.1f"/>`, plotLeft, plotWidth-plotRight,
			plotY(usd), plotY(usd))
		put(`<text x="%d" y="%.1f" text-anchor="end">$%s</text>`, plotLeft-8, plotY(usd)+4, dollars(usd))
	}
	for people := float64(leastPeople); people <= mostPeople; people *= 10 {
		put(`<text x="%.1f" y="%d" text-anchor="middle">%s</text>`, plotX(people), plotHeight-plotBottom+20,
			thousands(int(people)))
	}
	put(`<text x="%d" y="%d" text-anchor="middle">people</text>`, (plotLeft+plotWidth-plotRight)/2, plotHeight-10)
	for _, line := range []struct {
		class, label string
		usd          func(monthly) float64
	}{
		{"ses", "SES", func(m monthly) float64 { return m.ses }},
		{"rest", "all the rest", func(m monthly) float64 { return m.rest }},
	} {
		var points []string
		for _, m := range all {
			points = append(points, fmt.Sprintf("%.1f,%.1f", plotX(float64(m.people)), plotY(line.usd(m))))
		}
		put(`<polyline class="%s" points="%s"/>`, line.class, strings.Join(points, " "))
		put(`<text x="%d" y="%.1f">%s</text>`, plotWidth-plotRight+8, plotY(line.usd(last))+4, line.label)
	}
	put(`</svg>`)
	_, err = io.WriteString(w, b.String())
	return err
}

// dollars is an amount with as many digits as it needs: 0.01, 0.50, 14, 10,000.
func dollars(usd float64) string {
	if usd < 9.5 && usd != math.Trunc(usd) {
		return fmt.Sprintf("%.2f", usd)
	}
	return thousands(int(math.Round(usd)))
}

// thousands is a number with commas.
func thousands(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
