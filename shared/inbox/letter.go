package inbox

// letter is the text of a letter of ours, laid out for recognising it.
type letter struct{}

func newLetter(text string) *letter { return &letter{} }
