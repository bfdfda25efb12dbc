// Command alone is `mend run` and nothing else: what `make run` builds.
package main

import (
	"github.com/alecthomas/kong"

	"example.org/mend/cmd/mend/run"
)

func main() {
	var c run.Command
	ctx := kong.Parse(&c, kong.Name("mend run"), kong.BindToProvider(run.Interruptible))
	ctx.FatalIfErrorf(ctx.Run())
}
