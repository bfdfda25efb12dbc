package main

import (
	"bytes"
	"cmp"
	"fmt"
	"html/template"
	"io"
	"os"
	"path/filepath"
	"slices"

	"example.org/mend/content"
	"example.org/mend/shared/letter"
	"example.org/mend/shared/letter/lettersample"
)

// galleryCmd is `lab gallery`: every card and letter as pages to leaf through.
type galleryCmd struct {
	Dir string `arg:"" help:"The folder to write." type:"path"`
}

// Help is shown by --help.
func (galleryCmd) Help() string {
	return `Writes, for each card and letter, a page with the text beside the HTML, the HTML alone and the message, and an index.

  go run ./infra/lab gallery /tmp/gallery`
}

// preview is a composed letter.
type preview struct {
	letter.Mail
	Name, Text, HTML string
}

// section is a part of the gallery's index.
type section struct {
	Title   string
	Letters []preview
}

// Run writes the gallery.
func (c *galleryCmd) Run() error { return c.write(os.Stdout) }

func (c *galleryCmd) write(out io.Writer) error {
	library, composer, err := letters()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(c.Dir, 0o755); err != nil {
		return fmt.Errorf("making the gallery's folder: %w", err)
	}
	samples := map[string][]lettersample.Sample{"Letters": lettersample.Letters(library)}
	titles := []string{"Letters"}
	for _, folder := range content.Folders() {
		title := "Cards: " + folder
		titles = append(titles, title)
		cards := slices.DeleteFunc(slices.Clone(library.All()), func(k *content.Card) bool { return k.Path != folder })
		slices.SortFunc(cards, func(a, b *content.Card) int { return cmp.Or(a.Order-b.Order, a.Number-b.Number) })
		for _, k := range cards {
			samples[title] = append(samples[title], lettersample.OfCard(library, k, 1))
		}
	}
	var sections []section
	count := 0
	for _, title := range titles {
		s := section{Title: title}
		for _, sample := range samples[title] {
			p := preview{Name: sample.Name}
			if p.Mail, p.Text, p.HTML, err = sample.Compose(composer); err != nil {
				return err
			}
			if err := c.page(p); err != nil {
				return err
			}
			s.Letters = append(s.Letters, p)
			count++
		}
		sections = append(sections, s)
	}
	var index bytes.Buffer
	if err := galleryIndex.Execute(&index, sections); err != nil {
		return err
	}
	file := filepath.Join(c.Dir, "index.html")
	if err := os.WriteFile(file, index.Bytes(), 0o644); err != nil {
		return fmt.Errorf("writing the gallery: %w", err)
	}
	_, err = fmt.Fprintf(out, "%d letters; begin at %s\n", count, file)
	return err
}

// page writes the files of one letter.
func (c *galleryCmd) page(p preview) error {
	var page bytes.Buffer
	if err := galleryPage.Execute(&page, p); err != nil {
		return err
	}
	for name, text := range map[string][]byte{".html": page.Bytes(), ".letter.html": []byte(p.HTML), ".eml": p.Raw} {
		if err := os.WriteFile(filepath.Join(c.Dir, p.Name+name), text, 0o644); err != nil {
			return fmt.Errorf("writing the gallery: %w", err)
		}
	}
	return nil
}

const galleryStyle = `<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<style>
:root{color-scheme:light dark}
body{margin:2rem auto;max-width:80rem;padding:0 1.25rem;font:1rem/1.5 system-ui,sans-serif}
.beside{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,36rem),1fr));gap:2rem}
pre{margin:0;white-space:pre-wrap;overflow-wrap:anywhere;font:.8rem/1.5 ui-monospace,monospace}
iframe{width:100%;height:72rem;border:1px solid #8886;border-radius:.4rem}
td,th{text-align:left;padding:.15rem 1.5rem .15rem 0;vertical-align:top}
</style>
`

var (
	galleryPage = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en">
<head>
` + galleryStyle + `<title>{{.Name}}</title>
</head>
<body>
<main>
<p><a href="index.html">All letters</a> · <a href="{{.Name}}.letter.html">the HTML alone</a> · <a href="{{.Name}}.eml">the message</a> · {{len .Raw}} bytes</p>
<h1>{{.Name}}</h1>
<p>Subject: {{.Subject}}</p>
<div class="beside">
<pre>{{.Text}}</pre>
<iframe src="{{.Name}}.letter.html" title="The letter as HTML"></iframe>
</div>
</main>
</body>
</html>
`))
	galleryIndex = template.Must(template.New("index").Parse(`<!doctype html>
<html lang="en">
<head>
` + galleryStyle + `<title>Letters</title>
</head>
<body>
<main>
<h1>Letters</h1>
{{range .}}<h2>{{.Title}}</h2>
<table>
<tr><th scope="col">Name</th><th scope="col">Subject</th><th scope="col">Bytes</th></tr>
{{range .Letters}}<tr><td><a href="{{.Name}}.html">{{.Name}}</a></td><td>{{.Subject}}</td><td>{{len .Raw}}</td></tr>
{{end}}</table>
{{end}}</main>
</body>
</html>
`))
)
