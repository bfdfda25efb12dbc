package letter

import (
	_ "embed"
	"strings"

	"example.org/mend/shared/mend"
)

// The page of a letter. Its holes take the title, the style sheets, the preheader with its
// padding, and the blocks.
//
// The style sheet holds what repeats. What a letter can't be read without stands in the elements
// themselves, because a few mail clients drop the sheet: the page's colors, typeface and width.
//
// The fonts are those of the system: a book face to read, and the interface's own for headings and
// small print. Font names have no quotation marks, because a line may end at any space of the HTML
// (see [encodeHTML]). {side} is where a line of text begins: left or right.
var (
	//go:embed page.html
	pageHTML string
	//go:embed style.css
	styleSheet string
	//go:embed dark.css
	darkSheet string
)

// The styles of our own words.
var (
	styleText       = style{open: "<p>", shut: "</p>"}
	stylePoint      = style{open: "<p><strong>", shut: "</strong></p>"}
	styleFine       = style{open: "<p class=quiet>", shut: "</p>"}
	styleAside      = style{open: `<p class="quiet note">`, shut: "</p>"} // set apart from the text around it
	styleQuestion   = style{open: "<p class=ask>", shut: "</p>"}
	styleFooter     = style{open: `<p class="quiet foot">`, shut: "</p>"}
	styleTitle      = style{open: "<h1>", shut: "</h1>", before: "\n"} // the letter's one heading of the first level
	styleHeading    = style{open: "<h2>", shut: "</h2>", after: ":"}
	styleSubheading = style{
		open:  `<h3 style="margin:0 0 .4em;font:inherit;font-style:italic">`,
		shut:  "</h3>",
		after: ":",
	}

	styleLink     = style{open: `<p><a href="`, shut: "</a></p>"}
	styleFineLink = style{open: `<p class=quiet><a href="`, shut: "</a></p>"}
	// styleButton is the one link that a letter is about.
	styleButton = style{
		open: withColors(`<p style="margin:1.4em 0">`+
			`<a style="display:inline-block;padding:.7em 1.3em;border-radius:.4em;`+
			`background:{accent};color:{ground};font:bold 17px/1.3 system-ui,Segoe UI,Arial,sans-serif;`+
			`text-decoration:none" href="`, light, ""),
		shut: "</a></p>",
	}
)

// The other blocks of letters.
const (
	styleQuote = `<blockquote dir={dir} style="margin:0 0 1.2em;padding:0 .9em;border-{side}:2px solid">`
	styleDate  = `<p class=quiet style="margin:0 0 .2em">`
	styleTable = `<table class=quiet dir={dir} cellpadding=3 style="width:100%;max-width:22em;margin:0 0 1em;` +
		`table-layout:fixed;text-align:center">` + "\n"
	styleMood = `<div style="padding:{height}px .5em 0;background:{accent};color:{ground};font-weight:bold">`
)

// withColors fills in a palette, with the accent of a path.
func withColors(style string, shade func(mend.Color) string, path string) string {
	return fill(style, "accent", shade(mend.PathColor(path)), "ground", shade(mend.Ground), "ink", shade(mend.Ink),
		"muted", shade(mend.Muted))
}

func light(c mend.Color) string { return c.Light }
func dark(c mend.Color) string  { return c.Dark }

// toward fills in the direction of a block.
func toward(dir, style string) string {
	side := "left"
	if dir == "rtl" {
		side = "right"
	}
	return fill(style, "dir", dir, "side", side)
}

// A list of mail and a lock screen show the first line of a letter, up to so many characters.
// Invisible ones follow the preheader, so that the letter itself doesn't show there: joiners, with
// a space after each, which no client collapses.
const previewLength = 200

const (
	joiner        = "&#847; "
	joinersInLine = 11 // as encodeHTML breaks them: the last space of a line is a line end, which is longer by one
)

var padding = encodeHTML(strings.Repeat(joiner, previewLength/2+1))

// appendPadding appends the padding between so many characters of preheader and greeting.
func appendPadding(dst []byte, characters int) []byte {
	joiners := max(0, previewLength-characters+1) / 2
	return append(dst, padding[:joiners*len(joiner)+joiners/joinersInLine]...)
}
