package lint

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"example.org/mend/content"
)

// Scaffold is the file of a new card, below content/, and its text for an editor to fill in: the next free number, the last place
// in the reading order, and everything else such that [Lint] asks for it.
func Scaffold(fsys fs.FS, folder, slug string) (file, text string, err error) {
	if !slices.Contains(content.Folders(), folder) {
		return "", "", fmt.Errorf("there is no folder %q%s", folder, orList(folder, content.Folders()))
	}
	if !isSlug(slug) {
		return "", "", fmt.Errorf("the short name %q: write small letters, digits and single dashes, such as name-the-harm", slug)
	}
	drafts, err := readAll(fsys)
	if err != nil {
		return "", "", err
	}
	retired, findings := readRetired(fsys)
	if len(findings) > 0 {
		return "", "", findings[0]
	}
	used := [content.MaxNumber + 1]bool{}
	number, order := 0, 1
	for _, r := range retired {
		used[r.number] = true
		number = max(number, r.number)
	}
	for _, d := range drafts {
		if d.Number > 0 && d.Number <= content.MaxNumber {
			used[d.Number] = true
			number = max(number, d.Number)
		}
		if d.Path != folder {
			continue
		}
		order = max(order, d.Order+1)
		if strings.HasSuffix(d.File, fmt.Sprintf("/%02d-%s.md", d.Order, slug)) {
			return "", "", fmt.Errorf("%s has this name already: find another", d.File)
		}
	}
	if number++; number > content.MaxNumber { // the numbers that no card ever had
		number = slices.Index(used[1:], false) + 1
	}
	if number == 0 || order > 99 {
		return "", "", fmt.Errorf("%s is full: the numbers or its places are used up", folder)
	}
	title := strings.ToUpper(slug[:1]) + strings.ReplaceAll(slug[1:], "-", " ")
	file = path.Join(folder, fmt.Sprintf("%02d-%s.md", order, slug))
	return file, fmt.Sprintf(scaffold, number, folder, slug, title), nil
}

const scaffold = `---
number: %d
id: %s.%s
title: "%s"
point: ""            # the advice in one plain sentence of 4 to 22 words
advice: []           # one or more ids of advice.txt, such as [amends.reflect]
role: both           # broke-trust, was-hurt or both
contact: none        # none, one-word or mutual: what the practice asks of the other person
minutes: 10          # what the practice takes
related: []          # ids of cards that should not come right before or after
after: []            # ids of cards that have to come before this one; the line may go
---

The idea explains the point: 60 to 120 words in one to three short paragraphs.

## Practice

The practice: 25 to 70 words, small enough for today.

## Questions

1. A question that can be answered before the practice is done.
2. A question that looks back at the practice.
3. Another that looks back or goes further.
`
