package mend

// Color is one color of pages and letters, as #rrggbb: on a light ground and on a dark one.
type Color struct{ Light, Dark string }

// The palette of pages and letters. Text in Ink, Muted, Accent or a path's color has a contrast of
// 4.5 or more on Ground (WCAG 2.2, 1.4.3). Hairline only separates things.
var (
	Ground   = Color{"#faf7f2", "#1b1a17"}
	Ink      = Color{"#2b2722", "#ece6dc"}
	Muted    = Color{"#655c52", "#b5aa9b"}
	Accent   = Color{"#2c5d50", "#9ccbb8"}
	Hairline = Color{"#e2d9cc", "#3c3832"}
)

// PathColor is the accent of a path, from the form to its letters. Without a path it is Accent.
func PathColor(path string) Color {
	switch path {
	case "together":
		return Color{"#7a4459", "#dbaabd"}
	case "betrayal":
		return Color{"#3d5476", "#a9c0df"}
	case "foundations":
		return Color{"#745018", "#d9bd86"}
	case Apart:
		return Color{"#5a5170", "#c3b8dc"}
	}
	return Accent // and of amends
}
