package main

import (
	"bytes"
	"os"
	"testing"
)

// The picture shows the widgets that the template has today.
func TestTheDashboardInTheDocsIsWhatTheCommandDraws(t *testing.T) {
	const golden = "../../docs/dashboard.svg"
	var got bytes.Buffer
	if err := drawDashboard(&got, "../dashboard.yaml"); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Error("docs/dashboard.svg is not what `go run ./infra/lab dashboard` draws; look at it after go test ./infra/lab -update")
	}
}

// Widgets cover each other nowhere, and none has more than what CloudWatch shows for nothing: fifty metrics on a dashboard.
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
