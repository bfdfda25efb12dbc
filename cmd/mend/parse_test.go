package main

import (
	"strings"
	"testing"

	"example.org/mend/shared/inbox"
)

func TestParseReadsJSONLines(t *testing.T) {
	in := strings.NewReader(`{"id":"a","kind":"text","input":"Yes.\n\nOn 3 Mar 2026, at 10:15, Mend <r@mend.test> wrote:\n> How?"}
{"id":"b","kind":"html","input":"<p>Caf&eacute;</p>"}

{"id":"c","kind":"eml","input_b64":"U3ViamVjdDogaGkNCkNvbnRlbnQtVHlwZTogdGV4dC9wbGFpbjsgY2hhcnNldD1pc28tODg1OS0xDQoNCkNhZukNCg=="}`)
	var out strings.Builder
	if err := parseLines(in, &out, inbox.Letter{}); err != nil {
		t.Fatal(err)
	}
	want := `{"id":"a","output":"Yes.","kind":"reply","flags":[]}
{"id":"b","output":"Café","kind":"reply","flags":["html-only"]}
{"id":"c","output":"Café","kind":"reply","flags":[]}
`
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestParseSaysWhichLineIsWrong(t *testing.T) {
	for in, want := range map[string]string{
		"{\"id\":\"a\",\"kind\":\"text\"}\n{": "line 2",
		`{"id":1}`:                            "line 1 of standard input: id is of type number, and has to be text",
		`[]`:                                  "line 1 of standard input is of type array, and has to be an object",
		"{\"id\":\"a\",\"kind\":\"fax\"}":     `line 1: kind "fax" is unknown: write text, html or eml`,
		"{\"id\":\"a\",\"kind\":\"text\",\"x\":}\n": "line 1",
	} {
		err := parseLines(strings.NewReader(in), &strings.Builder{}, inbox.Letter{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("parseLines(%q) = %v, want an error with %q", in, err, want)
		}
	}
}

func TestParseViewNamesTheRules(t *testing.T) {
	const eml = "From: Ann <ann@example.org>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
		"--b\r\n\r\nI called her.\r\n\r\nSent from my iPhone\r\n\x1b[2Jgone\r\n\r\n> Did you call?\r\n" +
		"--b\r\nContent-Type: application/\x1b[2Jpdf\r\nContent-Disposition: attachment; filename=\"\x1b[2J.pdf\"\r\n" +
		"\r\nx\r\n--b--\r\n"
	var out strings.Builder
	message, err := inbox.Read(strings.NewReader(eml), inbox.Letter{})
	if err != nil {
		t.Fatal(err)
	}
	showMessage(&out, message, false)
	for _, want := range []string{
		"from ann@example.org, kind reply", "application/·[2jpdf, 1 bytes\n",
		"               │ I called her.\n", "        quoted │ > Did you call?\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("view lacks %q:\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "\x1b") {
		t.Error("the view hands an escape sequence of the message to the terminal")
	}
}
