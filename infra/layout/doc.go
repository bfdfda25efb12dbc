// Package layout holds the structure of the project to its rules: who may import whom, and that every package
// says what it is. It has no code of its own, only tests; each rule stands there with its reason.
package layout
