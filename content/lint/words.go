package lint

import (
	"fmt"
	"io/fs"
	"math/big"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"example.org/mend/content"
	"example.org/mend/shared/letter"
	"example.org/mend/shared/mend"
)

// wordsFolder has a file for each language that letters are written in.
const wordsFolder = "letters"

// englishTag is the language of people whose own has no file. Every file is compared with what this
// program was built with of it: the same keys, the same parameters and as many lines.
const englishTag = "en"

// catalogue is the file of one language.
type catalogue struct {
	*source
	content.Language
	messages map[string][]string // by key
}

// readCatalogues reads the words of all languages.
func (l *linter) readCatalogues(fsys fs.FS) (all []*catalogue) {
	files, _ := fs.Glob(fsys, wordsFolder+"/*.yaml") // its only error is about the pattern
	if !slices.Contains(files, wordsFolder+"/"+englishTag+".yaml") {
		l.file(wordsFolder).fault(place{}, englishTag+".yaml is missing: every letter needs it")
	}
	for _, file := range files {
		c := &catalogue{l.file(file), content.Language{Tag: strings.TrimSuffix(path.Base(file), ".yaml")},
			map[string][]string{}}
		c.readWords(c.read(fsys))
		all = append(all, c)
	}
	return all
}

// readWords reads keys with words, or with a list of them.
func (c *catalogue) readWords(text string) {
	for _, v := range c.keys(text, "write \"key: words\", with quotation marks around words that have a colon or a # "+
		"in them, and words of several lines two spaces in") {
		key := v.Key.GetToken().Value
		c.at[key] = placeOf(v.Key)
		var words []string
		var err error
		if _, list := v.Value.(*ast.SequenceNode); list {
			err = yaml.NodeToValue(v.Value, &words)
		} else {
			words = make([]string, 1)
			err = yaml.NodeToValue(v.Value, &words[0])
			words[0] = strings.TrimSuffix(words[0], "\n")
		}
		c.need(err == nil && len(words) > 0 && !slices.Contains(words, ""), c.at[key], "%s: there are no words here: "+
			"write some after the colon, or a list of them", key)
		c.messages[key] = words
		c.Messages = append(c.Messages, content.Message{Key: key, Variants: words})
	}
}

// Languages reads the words of letters. An error is what a letter cannot do without.
func Languages(fsys fs.FS) (languages []content.Language, err error) {
	var l linter
	for _, c := range l.readCatalogues(fsys) {
		languages = append(languages, c.Language)
	}
	if err := l.err(); err != nil {
		return nil, fmt.Errorf("reading the words of letters: %w", err)
	}
	return languages, nil
}

// words checks every language.
func (l *linter) words(fsys fs.FS) {
	english := map[string][]string{}
	for _, l := range content.Languages() {
		for _, m := range l.Messages {
			if l.Tag == englishTag {
				english[m.Key] = m.Variants
			}
		}
	}
	for _, c := range l.readCatalogues(fsys) {
		if len(c.faults) == 0 {
			c.check(english)
		}
	}
}

// check compares a language with English.
func (c *catalogue) check(english map[string][]string) {
	forms := letter.PluralForms(c.Tag)
	if forms == nil {
		c.fault(place{}, "the program does not know the plural forms of %q yet: ask a programmer to add them to "+
			"shared/letter/language.go", c.Tag)
		return
	}
	wanted := map[string][]string{} // English, with the plural forms of this language
	for key, words := range english {
		name, isOther := strings.CutSuffix(key, ".other")
		if _, plural := english[name+".one"]; plural && isOther {
			for _, form := range forms {
				wanted[name+"."+form] = words
			}
		} else if _, plural := english[strings.TrimSuffix(key, ".one")+".other"]; !plural {
			wanted[key] = words
		}
	}
	for key, like := range wanted {
		if words, there := c.messages[key]; there {
			c.message(key, words, like)
		} else {
			c.fault(place{}, "%s is missing: copy it from %s.yaml and write your words", key, englishTag)
		}
	}
	for _, m := range c.Messages {
		c.need(wanted[m.Key] != nil, c.at[m.Key], "%s is left over: no letter uses it. Take it out, or correct its "+
			"name", m.Key)
	}
	for _, cover := range mend.Covers {
		c.outside("a cover name", cover)
	}
	for _, dir := range c.messages["dir"] {
		c.need(dir == "ltr" || dir == "rtl", c.at["dir"], "dir is ltr or rtl")
	}
	for _, quotes := range c.messages["quotes"] {
		c.need(utf8.RuneCountInString(quotes) == 4, c.at["quotes"], "quotes is four characters: the double marks "+
			"that open and close, then the single ones")
	}
}

// message compares one message with its like in English.
func (c *catalogue) message(key string, words, like []string) {
	seenOutside := strings.HasSuffix(key, ".subject") || strings.HasSuffix(key, ".preheader") || key == "checkin.count"
	at := c.at[key]
	switch n := len(words); {
	case key == "indiscreet" || key == "digest.questions": // as many as the language has
	case len(like) == 1 && n != 1:
		c.fault(at, "%s has %d variants: it can have one", key, n)
	case seenOutside && len(like) > 1 && (n < 5 || !big.NewInt(int64(n)).ProbablyPrime(0) || n == 7):
		c.fault(at, "%s has %d variants: it needs 5 or more, and a prime number of them other than 7, so that "+
			"letters in a row never get the same one, nor those of a week apart", key, n)
	case !seenOutside && n != len(like):
		c.fault(at, "%s has %d lines: it needs %d", key, n, len(like))
	}
	may, must := parametersOf(like)
	for i, line := range words {
		c.need(!slices.Contains(words[:i], line), at, "%s has %q twice", key, line)
		used, _ := parametersOf([]string{line})
		c.need(strings.Count(line, "{") == len(used) && strings.Count(line, "}") == len(used), at, "%s has a { or } "+
			"that belongs to no parameter", key)
		for _, p := range used {
			c.need(slices.Contains(may, p), at, "%s has no parameter {%s}: it takes %s", key, p, braced(may))
		}
		for _, p := range must {
			c.need(slices.Contains(used, p) || strings.HasSuffix(key, ".one"), at, "%s needs the parameter {%s} in %q",
				key, p, line)
		}
		c.need(!strings.ContainsFunc(line, invisible), at, "%s has an invisible control character in it: write the "+
			"words anew", key)
		if seenOutside {
			c.outside(key, line)
		}
	}
}

var parameter = regexp.MustCompile(`\{([^{}]*)\}`)

// parametersOf lists the {names} that any of the lines has, and those that all have.
func parametersOf(lines []string) (any, all []string) {
	in := map[string]int{}
	for _, line := range lines {
		for _, match := range parameter.FindAllStringSubmatch(line, -1) {
			if in[match[1]]++; in[match[1]] == 1 {
				any = append(any, match[1])
			}
		}
	}
	return any, slices.DeleteFunc(slices.Clone(any), func(p string) bool { return in[p] < len(lines) })
}

func braced(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return "{" + strings.Join(names, "}, {") + "}"
}

// outside wants what is seen from outside to be short and discreet.
func (c *catalogue) outside(key, words string) {
	most := 50
	if strings.HasSuffix(key, ".preheader") {
		most = 90
	}
	n, at := utf8.RuneCountInString(words), c.at[key]
	c.need(n <= most, at, "%s: %q has %d characters; phones show %d", key, words, n, most)
	c.need(!strings.ContainsAny(words, "*\n!"), at, "%s: %q has to be one plain line without * and !", key, words)
	for _, word := range strings.FieldsFunc(strings.ToLower(words), func(r rune) bool { return !unicode.IsLetter(r) }) {
		for _, stem := range c.messages["indiscreet"] {
			c.need(!strings.HasPrefix(word, stem), at, "%s: %q can be read on a locked screen and says %q: choose "+
				"other words", key, words, word)
		}
	}
}

// invisible reports a character that no one sees and that can change how a line reads.
func invisible(r rune) bool {
	return r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\uFEFF')
}
