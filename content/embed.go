// Package content holds all that Mend says: the cards, the letters' words and
// the help pages, as files that people edit who do not program. README.md tells them how.
package content

import (
	"embed"
	"io/fs"
)

// FS is this folder as it was when the program was built.
var FS fs.FS = files

//go:embed advice.txt banned.txt
//go:embed amends together betrayal foundations apart keep
//go:embed letters help
var files embed.FS
