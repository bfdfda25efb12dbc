// Command worlds runs virtual worlds until an invariant breaks, says which, and exits with 1; with 0 if none does.
package main

import (
	"fmt"
	"os"
	"strconv"

	"example.org/mend/infra/simulation"
)

func main() {
	seeds, err := strconv.Atoi(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "how many worlds?", err)
		os.Exit(2)
	}
	result := simulation.Run(simulation.Config{Seed: 1, Seeds: seeds, Days: 45, People: 6, Faults: simulation.Faults, First: true})
	if len(result.Violations) > 0 {
		fmt.Println(result.Violations[0])
		os.Exit(1)
	}
}
