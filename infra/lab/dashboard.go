package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"math"
	"os"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
)

// drawCmd is `lab draw`: the pictures of docs/aws.md.
type drawCmd struct {
	What string `arg:"" enum:"dashboard,doctor" help:"The CloudWatch dashboard, or what mend doctor prints."`
}

// Help is shown by --help.
func (drawCmd) Help() string {
	return `  go run ./infra/lab draw dashboard > docs/dashboard.svg

Places and titles come from infra/dashboard.yaml. The numbers are made up.`
}

// Run draws.
func (c *drawCmd) Run() error {
	if c.What == "doctor" {
		return drawDoctor(os.Stdout)
	}
	return drawDashboard(os.Stdout, "infra/dashboard.yaml")
}

func drawDoctor(out io.Writer) error {
	return drawTerminal(out, "go run ./cmd/mend doctor --stack mend", doctorSays)
}

// widget is a widget of a dashboard (CloudWatch API reference, "Dashboard body structure and
// syntax").
type widget struct {
	Type                string
	X, Y, Width, Height int
	Properties          struct {
		Title, View, Stat, Markdown, Query string
		Period                             int
		Metrics                            [][]any
	}
}

// dashboardWidgets reads the widgets of the template.
func dashboardWidgets(path string) ([]widget, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var template struct {
		Resources struct {
			Dashboard struct {
				Properties struct {
					DashboardBody string `yaml:"DashboardBody"`
				} `yaml:"Properties"`
			} `yaml:"Dashboard"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(text, &template); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	var body struct{ Widgets []widget }
	d := json.NewDecoder(strings.NewReader(strings.ReplaceAll(template.Resources.Dashboard.Properties.DashboardBody,
		"${Stack}", "mend")))
	if err := d.Decode(&body); err != nil {
		return nil, fmt.Errorf("the dashboard of %s is not JSON: %w", path, err)
	}
	return body.Widgets, nil
}

// The size of a grid cell in pixels.
const cellWidth, cellHeight = 50, 36

func drawDashboard(out io.Writer, path string) error {
	widgets, err := dashboardWidgets(path)
	if err != nil {
		return err
	}
	rows := 0
	var b bytes.Buffer
	for _, w := range widgets {
		rows = max(rows, w.Y+w.Height)
		if err := w.draw(&b); err != nil {
			return fmt.Errorf("the widget %q: %w", w.Properties.Title, err)
		}
	}
	_, err = fmt.Fprintf(out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d"
font-family="Helvetica,Arial,sans-serif" font-size="11" fill="#16191f">
<title>The dashboard, drawn with made-up numbers</title>
<rect width="100%%" height="100%%" fill="#f2f3f3"/>
%s</svg>
`, 24*cellWidth, rows*cellHeight, b.String())
	return err
}

func (w widget) draw(b *bytes.Buffer) error {
	width, height := w.Width*cellWidth-8, w.Height*cellHeight-8
	fmt.Fprintf(b, "<g transform=\"translate(%d %d)\"><rect width=\"%d\" height=\"%d\" rx=\"3\" fill=\"#fff\" "+
		"stroke=\"#d5dbdb\"/>\n",
		w.X*cellWidth+4, w.Y*cellHeight+4, width, height)
	defer b.WriteString("</g>\n")
	if w.Type == "text" {
		w.drawText(b)
		return nil
	}
	write(b, 10, 18, `font-weight="bold" font-size="12"`, w.Properties.Title)
	if w.Properties.View == "table" {
		rows, ok := sampleTables[w.Properties.Title]
		if !ok {
			return fmt.Errorf("there are no made-up rows")
		}
		for i, row := range rows {
			for j, cell := range row {
				style := ""
				if i == 0 {
					style = `fill="#687078"`
				}
				write(b, 10+j*(width-20)/len(row), 38+i*17, style, cell)
			}
		}
		return nil
	}
	lines, err := w.series()
	if err != nil {
		return err
	}
	if w.Properties.View == "singleValue" {
		for i, l := range lines {
			x := 10 + i%2*(width-20)/2
			write(b, x, 66+i/2*70, `font-size="28"`, label(l.values[len(l.values)-1]))
			write(b, x, 86+i/2*70, `fill="#687078"`, l.name)
		}
		return nil
	}
	plot(b, width, height, lines)
	return nil
}

func (w widget) drawText(b *bytes.Buffer) {
	heading, text, _ := strings.Cut(w.Properties.Markdown, "\n")
	write(b, 10, 24, `font-weight="bold" font-size="18"`, strings.TrimPrefix(heading, "# "))
	line, y := "", 42
	for _, word := range strings.Fields(regexp.MustCompile("[*`]").ReplaceAllString(text, "")) {
		if len(line)+len(word) > 215 {
			write(b, 10, y, "", line)
			line, y = "", y+15
		}
		line += word + " "
	}
	write(b, 10, y, "", line)
}

func write(b *bytes.Buffer, x, y int, attributes, text string) {
	fmt.Fprintf(b, "<text x=\"%d\" y=\"%d\" %s>%s</text>\n", x, y, attributes, html.EscapeString(text))
}

// line is one line of a plot: a value for each hour of a week, or for each of its days.
type line struct {
	name   string
	values []float64
}

const week = 7 * 24

// series are the made-up lines of a widget.
func (w widget) series() ([]line, error) {
	var all []line
	for _, m := range w.Properties.Metrics {
		name, label := fmt.Sprint(m[1]), fmt.Sprint(m[1])
		if options, ok := m[len(m)-1].(map[string]any); ok && options["label"] != nil {
			label = fmt.Sprint(options["label"])
		}
		sample, ok := sampleMetrics[name+" "+label]
		if !ok {
			if sample, ok = sampleMetrics[name]; !ok {
				return nil, fmt.Errorf("there are no made-up numbers for %s", name)
			}
		}
		all = append(all, line{label, hours(sample, w.Properties.Period)})
	}
	if w.Type == "log" {
		for _, as := range regexp.MustCompile(`\) as ([a-z]+)`).FindAllStringSubmatch(w.Properties.Query, -1) {
			if sample, ok := sampleMetrics[as[1]]; ok {
				all = append(all, line{as[1], hours(sample, 86400)})
			}
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("it has no line")
	}
	return all, nil
}

// hours is a week of a metric, by the hour or summed by the day.
func hours(sample func(hour int) float64, period int) (values []float64) {
	for h := range week {
		if period == 86400 && h%24 != 0 {
			values[h/24] += sample(h)
			continue
		}
		values = append(values, sample(h))
	}
	return values
}

var colors = []string{"#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b"}

func plot(b *bytes.Buffer, width, height int, lines []line) {
	most := 0.0
	for _, l := range lines {
		for _, v := range l.values {
			most = max(most, v)
		}
	}
	if most == 0 {
		most = 1
	}
	left, top, right, bottom := 44, 32, width-12, height-56
	y := func(v float64) float64 { return float64(bottom) - v/most*float64(bottom-top) }
	for _, v := range []float64{0, most / 2, most} {
		fmt.Fprintf(b, "<path d=\"M%d %.1fH%d\" stroke=\"#eaeded\"/>\n", left, y(v), right)
		write(b, left-6, int(y(v))+4, `text-anchor="end" fill="#687078"`, label(v))
	}
	for day := range 7 {
		write(b, left+(right-left)*day/7, bottom+14, `fill="#687078"`, fmt.Sprintf("11/%02d", 16+day))
	}
	x, legend := left, height-24
	for i, l := range lines {
		color, path, dash := colors[i%len(colors)], &strings.Builder{}, ""
		if i == 1 { // it may lie on the first
			dash = ` stroke-dasharray="4 3"`
		}
		for j, v := range l.values {
			fmt.Fprintf(path, "%s%.1f %.1f", map[bool]string{true: "M", false: "L"}[j == 0],
				float64(left)+float64(right-left)*float64(j)/float64(len(l.values)), y(v))
		}
		fmt.Fprintf(b, "<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\"%s/>\n", path, color, dash)
		wide := 26 + 6*len(l.name)
		if x+wide > width {
			x, legend = left, legend+15
		}
		fmt.Fprintf(b, "<rect x=\"%d\" y=\"%d\" width=\"10\" height=\"10\" fill=\"%s\"/>\n", x, legend-9, color)
		write(b, x+14, legend, "", l.name)
		x += wide
	}
}

// label is a number as an axis has it.
func label(v float64) string {
	switch {
	case v >= 10_000:
		return fmt.Sprintf("%.0fk", v/1000)
	case v != math.Trunc(v):
		return fmt.Sprintf("%.3g", v)
	}
	return fmt.Sprintf("%.0f", v)
}
