package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"net/http"
	"path"
)

//go:embed pages/*.html pages/assets
var files embed.FS

// assets are the files beside the pages, by a name that changes with their content, so that a
// browser may keep them for good.
type assets struct {
	byName map[string]asset
	paths  map[string]string // "mend.css" → "/assets/3f….css"
}

type asset struct {
	kind string // media type
	body []byte
}

var mediaTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

func readAssets() (assets, error) {
	all := assets{map[string]asset{}, map[string]string{}}
	entries, err := files.ReadDir("pages/assets")
	if err != nil {
		return all, fmt.Errorf("read the assets: %w", err)
	}
	for _, entry := range entries {
		body, err := files.ReadFile("pages/assets/" + entry.Name())
		if err != nil {
			return all, fmt.Errorf("read an asset: %w", err)
		}
		sum := sha256.Sum256(body)
		ext := path.Ext(entry.Name())
		name := hex.EncodeToString(sum[:8]) + ext
		all.byName[name] = asset{mediaTypes[ext], body}
		all.paths[entry.Name()] = "/assets/" + name
	}
	return all, nil
}

func (h *Handler) asset(w http.ResponseWriter, r *http.Request) error {
	file, ok := h.assets.byName[r.PathValue("name")]
	if !ok {
		h.apology(w, http.StatusNotFound)
		return nil
	}
	w.Header().Set("Content-Type", file.kind)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, err := w.Write(file.body)
	return err
}

func (h *Handler) robots(w http.ResponseWriter, _ *http.Request) error {
	openPage(w)
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err := w.Write([]byte(`User-agent: *
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
