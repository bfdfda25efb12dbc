package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
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

// readAsset reads a file as it is served.
func readAsset(name string) (body []byte, err error) {
	parts := []string{name}
	if name == styleSheet {
		parts = styleSheets
	}
	for _, part := range parts {
		text, err := files.ReadFile("pages/assets/" + part)
		if err != nil {
			return nil, fmt.Errorf("read an asset: %w", err)
		}
		body = append(body, text...)
	}
	return body, nil
}

// assetVersion changes with any of the files.
var assetVersion = sync.OnceValues(func() (string, error) {
	entries, err := files.ReadDir("pages/assets")
	if err != nil {
		return "", fmt.Errorf("list the assets: %w", err)
	}
	hash := sha256.New()
	for _, entry := range entries {
		body, err := readAsset(entry.Name())
		if err != nil {
			return "", err
		}
		hash.Write(body)
	}
	return hex.EncodeToString(hash.Sum(nil)[:8]), nil
})

// assetPath is where a page finds a file. One that a style sheet names lies beside it.
func assetPath(name string) (string, error) {
	version, err := assetVersion()
	return "/assets/" + version + "/" + name, err
}

func showAsset(v *visit) error {
	name := v.r.PathValue("name")
	asset, err := assetPath(name)
	if err != nil {
		return err
	}
	body, err := readAsset(name)
	kind, known := mediaTypes[path.Ext(name)]
	if err != nil || !known || v.r.URL.Path != asset {
		return errNoPage
	}
	v.w.Header().Set("Content-Type", kind)
	v.w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, err = v.w.Write(body)
	return err
}

func showRobots(v *visit) error {
	openPage(v.w)
	v.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err := v.w.Write([]byte(strings.Join([]string{"User-agent: *", "Allow: /$", "Allow: /assets/", "Allow: /help",
		"Allow: /join$", "Allow: /privacy", "Allow: /three-minutes$", "Disallow: /", ""}, "\n")))
	return err
}
