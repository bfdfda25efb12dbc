package main

import (
	"bytes"
	"testing"
)

// The plot in the docs is what the command prints, and its figures are those of `mend plan`.
func TestThePlotInTheDocsIsWhatTheCommandPrints(t *testing.T) {
	var got bytes.Buffer
	if err := costPlot(&got); err != nil {
		t.Fatal(err)
	}
	all, err := costs()
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range all {
		if m.people < leastPeople || m.people > mostPeople || max(m.ses, m.rest) > mostUSD ||
			i > 0 && m.ses <= all[i-1].ses {
			t.Errorf("%d people: $%.2f for SES and $%.2f for the rest lie outside the plot", m.people, m.ses, m.rest)
		}
	}
	sameAsDocs(t, "cost.svg", "cost", got.Bytes())
}
