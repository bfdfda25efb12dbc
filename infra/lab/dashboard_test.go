package main

import (
	"bytes"
	"io"
	"testing"
)

// The pictures show the widgets that the template has today, and the lines of the doctor.
func TestThePicturesInTheDocsAreWhatTheCommandDraws(t *testing.T) {
	for name, draw := range map[string]func(io.Writer) error{
		"dashboard.svg": func(out io.Writer) error { return drawDashboard(out, "../dashboard.yaml") },
		"doctor.svg":    drawDoctor,
	} {
		var got bytes.Buffer
		if err := draw(&got); err != nil {
			t.Fatal(err)
		}
		sameAsDocs(t, name, "draw", got.Bytes())
	}
}

// Widgets cover each other nowhere, and none has more than what CloudWatch shows for nothing: fifty
// metrics on a dashboard.
func TestTheDashboardFits(t *testing.T) {
	widgets, err := dashboardWidgets("../dashboard.yaml")
	if err != nil {
		t.Fatal(err)
	}
	taken, metrics := map[[2]int]string{}, 0
	for _, w := range widgets {
		metrics += len(w.Properties.Metrics)
		for x := w.X; x < w.X+w.Width; x++ {
			for y := w.Y; y < w.Y+w.Height; y++ {
				if other, ok := taken[[2]int{x, y}]; ok || x >= 24 {
					t.Fatalf("%q covers %q at %d, %d", w.Properties.Title, other, x, y)
				}
				taken[[2]int{x, y}] = w.Properties.Title
			}
		}
	}
	if metrics > 50 {
		t.Errorf("the dashboard shows %d metrics, of which 50 are free", metrics)
	}
}
