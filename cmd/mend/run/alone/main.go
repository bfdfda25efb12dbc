// Command alone is `mend run` and nothing else: what `make run` builds.
package main

import (
	"fmt"
	"os"

	"github.com/alecthomas/kong"

	"example.org/mend/cmd/mend/run"
)

func main() {
	var c run.Command
	ctx, err := kong.Must(&c, kong.Name("mend run"), kong.BindToProvider(run.Interruptible)).Parse(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "mend run:", run.Complaint("mend run", err))
		os.Exit(2)
	}
	if err := ctx.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "mend run:", err)
		os.Exit(1)
	}
}
