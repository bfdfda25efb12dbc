package letter

import (
	"strings"

	"example.org/mend/content"
)

// catalogue is the words of one language, by key.
type catalogue map[string][]string

func newCatalogue(l content.Language) catalogue {
	c := make(catalogue, len(l.Messages))
	for _, m := range l.Messages {
		c[m.Key] = m.Variants
	}
	return c
}

// one is the words of a message that has no variants; a parameter {x} takes the value that follows "x" in params.
func (c catalogue) one(key string, params ...string) string {
	return fill(c[key][0], params...)
}

// nth is one of a message's variants.
func (c catalogue) nth(key string, n uint, params ...string) string {
	variants := c[key]
	return fill(variants[n%uint(len(variants))], params...)
}

func fill(words string, params ...string) string {
	for i := 0; i < len(params); i += 2 {
		words = strings.ReplaceAll(words, "{"+params[i]+"}", params[i+1])
	}
	return words
}
