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
