package content

// Language is the words of letters in one language, from letters/<tag>.yaml.
type Language struct {
	Tag      string // BCP 47
	Messages []Message
}

// Message is one of the language's messages. It has one variant, or several of which a
// letter shows one.
type Message struct {
	Key      string
	Variants []string // paragraphs are parted by "\n"
}

// Languages lists the languages that this program was built with. One of them is English.
func Languages() []Language { return generatedLanguages }
