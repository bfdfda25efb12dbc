package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"path"
	"slices"
	"strings"
)

//go:embed pages/*.html pages/assets
var files embed.FS

// assets are the files beside the pages, by a name that changes with their content, so that a
// browser may keep them for good.
type assets struct {
	byName map[string]asset
	paths  map[string]string // "mend.js" → "/assets/3f….js"
}

type asset struct {
	kind string // media type
	body []byte
}

var mediaTypes = map[string]string{
	".css":   "text/css; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".svg":   "image/svg+xml",
	".woff2": "font/woff2",
}

// styleSheets are the files of mend.css, in the order of the cascade: one request for all of them.
var styleSheets = []string{"base.css", "forms.css", "letter.css", "journal.css"}

// readAssets reads the files. A style sheet names another file by its plain name, in double quotes.
func readAssets() (assets, error) {
	all := assets{map[string]asset{}, map[string]string{}}
	entries, err := files.ReadDir("pages/assets")
	if err != nil {
		return all, fmt.Errorf("read the assets: %w", err)
	}
	var links []string // old and new, of the style sheets
	for _, entry := range entries {
		kind, known := mediaTypes[path.Ext(entry.Name())]
		if !known || slices.Contains(styleSheets, entry.Name()) {
			continue // a license, or a part of mend.css
		}
		body, err := files.ReadFile("pages/assets/" + entry.Name())
		if err != nil {
			return all, fmt.Errorf("read an asset: %w", err)
		}
		links = append(links, `"`+entry.Name()+`"`, `"`+all.add(entry.Name(), kind, body)+`"`)
	}
	var css strings.Builder
	for _, name := range styleSheets {
		body, err := files.ReadFile("pages/assets/" + name)
		if err != nil {
			return all, fmt.Errorf("read a style sheet: %w", err)
		}
		css.Write(body)
	}
	all.add("mend.css", mediaTypes[".css"], []byte(strings.NewReplacer(links...).Replace(css.String())))
	return all, nil
}

// add takes up a file, and returns the name that it has on the web.
func (a assets) add(name, kind string, body []byte) string {
	sum := sha256.Sum256(body)
	hashed := hex.EncodeToString(sum[:8]) + path.Ext(name)
	a.byName[hashed] = asset{kind, body}
	a.paths[name] = "/assets/" + hashed
	return hashed
}

func showAsset(v *visit) error {
	all, err := v.assets()
	if err != nil {
		return err
	}
	file, ok := all.byName[v.r.PathValue("name")]
	if !ok {
		return errNoPage
	}
	v.w.Header().Set("Content-Type", file.kind)
	v.w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, err = v.w.Write(file.body)
	return err
}

func showRobots(v *visit) error {
	openPage(v.w)
	v.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err := v.w.Write([]byte(`User-agent: *
Allow: /$
Allow: /assets/
Allow: /help
Allow: /join$
Allow: /privacy
Allow: /three-minutes$
Disallow: /
`))
	return err
}
