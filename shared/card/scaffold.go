package card

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Scaffold is the file of a new card, below content/, and its text for an editor to fill in: the next free number, the last place
// in the reading order, and everything else such that [Lint] asks for it.
func Scaffold(fsys fs.FS, folder, slug string) (file, text string, err error) {
	if !slices.Contains(Folders(), folder) {
		return "", "", fmt.Errorf("there is no folder %q%s", folder, orList(folder, Folders()))
	}
	if !isSlug(slug) {
		return "", "", fmt.Errorf("the short name %q: write small letters, digits and single dashes, such as name-the-harm", slug)
	}
	drafts, err := readAll(fsys)
	if err != nil {
		return "", "", err
	}
	span := numberRanges[folder]
	number, late, order := span.first, overflow, 1
	for _, d := range drafts {
		if d.Number >= overflow {
			late = max(late, d.Number+1)
		}
		if d.Path != folder {
			continue
		}
		if d.Number < overflow {
			number = max(number, d.Number+1)
		}
		order = max(order, d.Order+1)
		if strings.HasSuffix(d.file, fmt.Sprintf("/%02d-%s.md", d.Order, slug)) {
			return "", "", fmt.Errorf("%s has this name already: find another", d.file)
		}
	}
	if number > span.last {
		number = late
	}
	if number > MaxNumber || order > 99 {
		return "", "", fmt.Errorf("%s is full: its numbers or its places are used up", folder)
	}
	stage := Look
	if folder == Shared {
		stage = Keep
	}
	title := strings.ToUpper(slug[:1]) + strings.ReplaceAll(slug[1:], "-", " ")
	file = path.Join(folder, fmt.Sprintf("%02d-%s.md", order, slug))
	return file, fmt.Sprintf(scaffold, number, folder, slug, title, stage), nil
}

const scaffold = `---
number: %d
id: %s.%s
title: "%s"
stage: %s          # look, repair, rebuild or keep
advice: []           # one or more ids of advice.txt, such as [amends.reflect]
role: both           # broke-trust, was-hurt or both
contact: none        # none, one-word or mutual: what the practice asks of the other person
minutes: 10          # what the practice takes
related: []          # ids of cards that should not come right before or after
---

The idea: 60 to 120 words in one to three short paragraphs.

## Practice

The practice: 25 to 70 words, small enough for today.

## Questions

1. An open question, for the first round.
2. Another for the second round.
3. Another for the third round.
`
