package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"path"
	"strings"
	"sync"
)

//go:embed pages/*.html pages/assets
var files embed.FS

// The files beside the pages have a version in their paths, so that a browser may keep
// them for good.

var mediaTypes = map[string]string{
	".css":   "text/css; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".svg":   "image/svg+xml",
	".woff2": "font/woff2",
}

// styleSheet is one request for all style sheets; styleSheets are its files, in the
// order of the cascade.
const styleSheet = "mend.css"

var styleSheets = []string{"base.css", "forms.css", "letter.css", "journal.css"}

// readAsset reads a file as it is served; false for one that we don't have.
func readAsset(name string) (body []byte, ok bool) {
	parts := []string{name}
	if name == styleSheet {
		parts = styleSheets
	}
	for _, part := range parts {
		text, err := files.ReadFile("pages/assets/" + part)
		if err != nil {
			return nil, false
		}
		body = append(body, text...)
	}
	return body, true
}

// assetVersion changes with any of the files.
var assetVersion = sync.OnceValue(func() string {
	entries, _ := files.ReadDir("pages/assets") // it is embedded
	hash := sha256.New()
	for _, entry := range entries {
		body, _ := readAsset(entry.Name())
		hash.Write(body)
	}
	return hex.EncodeToString(hash.Sum(nil)[:8])
})

// assetPath is where a page finds a file. One that a style sheet names lies beside it.
func assetPath(name string) string { return "/assets/" + assetVersion() + "/" + name }

func showAsset(v *visit) error {
	name := v.r.PathValue("name")
	body, ok := readAsset(name)
	kind, known := mediaTypes[path.Ext(name)]
	if !ok || !known || v.r.URL.Path != assetPath(name) {
		return errNoPage
	}
	v.w.Header().Set("Content-Type", kind)
	v.w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, err := v.w.Write(body)
	return err
}

func showRobots(v *visit) error {
	openPage(v.w)
	v.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err := v.w.Write([]byte(strings.Join([]string{"User-agent: *", "Allow: /$", "Allow: /assets/", "Allow: /help",
		"Allow: /join$", "Allow: /privacy", "Allow: /three-minutes$", "Disallow: /", ""}, "\n")))
	return err
}
