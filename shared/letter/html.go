package letter

import "strings"

// The palette of letters and pages, with the contrast of text on its ground (WCAG 2.2, 1.4.3 wants 4.5; a test
// computes them). Hairlines only part things, they carry no meaning.
const (
	lightGround   = "#faf7f2" // warm paper
	lightInk      = "#2b2722" // 13.9
	lightMuted    = "#655c52" // 6.1
	lightAccent   = "#2c5d50" // 7.0
	lightHairline = "#e2d9cc"

	darkGround   = "#1b1a17"
	darkInk      = "#ece6dc" // 14.0
	darkMuted    = "#b5aa9b" // 7.6
	darkAccent   = "#9ccbb8" // 9.7
	darkHairline = "#3c3832"
)

// System fonts: a book face to read, the interface's own for what is said in passing.
const (
	textFont    = `18px/1.6 Charter,'Iowan Old Style',Georgia,'Noto Serif',serif`
	sans        = `system-ui,'Segoe UI',Roboto,Arial,sans-serif`
	fineFont    = `15px/1.5 ` + sans
	headingFont = `bold 15px/1.4 ` + sans
	buttonFont  = `bold 17px/1.3 ` + sans
)

// pageTop is all that stands before the title, titleEnd what follows it up to the preheader, preheaderEnd
// what follows that up to the letter.
const (
	pageTop = `<!doctype html>
<html lang="{lang}" dir="{dir}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no,date=no,address=no,email=no">
<title>`

	titleEnd = `</title>
<style>
:root{color-scheme:light dark;supported-color-schemes:light dark}
body{margin:0;padding:0}
h1{text-wrap:balance}
p,ul{margin:0 0 1em}
p,li{text-wrap:pretty}
.days td,.days th{padding:.25em 1.2em .25em 0;border-bottom:1px solid ` + lightHairline + `;text-align:left;vertical-align:top}
.days[dir=rtl] td,.days[dir=rtl] th{padding:.25em 0 .25em 1.2em;text-align:right}
@media (prefers-color-scheme:dark){
body,.page{background:` + darkGround + `!important;color:` + darkInk + `!important}
.quiet{color:` + darkMuted + `!important}
.accent{color:` + darkAccent + `!important}
.button{background:` + darkAccent + `!important;color:` + darkGround + `!important}
.edge{border-color:` + darkAccent + `!important}
.rule,.days td,.days th{border-color:` + darkHairline + `!important}
}
</style>
</head>
<body style="margin:0;padding:0;background:` + lightGround + `;color:` + lightInk + `">
<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">`

	preheaderEnd = `{padding}</div>
<!--[if mso]><table role="presentation" width="580" align="center"><tr><td><![endif]-->
<main class="page" lang="{lang}" dir="{dir}" style="display:block;max-width:34em;margin:0 auto;padding:28px 20px 40px;font:` + textFont + `;color:` + lightInk + `;background:` + lightGround + `;overflow-wrap:break-word">
`

	pageEnd = `</main>
<!--[if mso]></td></tr></table><![endif]-->
</body>
</html>
`
)

// padding keeps what follows the preheader out of the line that a list of mail or a lock screen shows of a
// letter: invisible characters, as many as such lines are long. The spaces do not
// collapse, because a joiner stands between two.
var padding = strings.Repeat("&#847; ", 95)
