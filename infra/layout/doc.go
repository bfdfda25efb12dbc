// Package layout tests the structure of the project: which package may import which, that each has
// a package doc, that lines fit, and that the docs name what exists. It has no code of its own,
// only tests; each rule stands there with its reason.
package layout
