package inbox_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"example.org/mend/infra/replies"
	"example.org/mend/shared/inbox"
)

// What people type that looks like a mark of quotation, or of a signature. All of it is words.
var prose = []string{
	"On Monday he wrote: come home, all is forgiven.",
	"On Monday he wrote:\n\nCome home, all is forgiven.\n\nI did not answer.",
	"On 3 March 2024 she wrote:\n\nI never want to see you again.\n\nThat still hurts.",
	"On 3 March 2024 at 10:15 I wrote to him:\n\nPlease come home.\n\nHe did.",
	"At 10:15 on 3 March my mother wrote:\n\nI am proud of you.",
	"Am 3. März 2024 um 10:15 schrieb ich ihm:\n\nKomm bitte nach Hause.\n\nEr kam.",
	"Le 3 mars 2024 à 10:15, je lui ai écrit :\n\nReviens.\n\nIl est revenu.",
	"He wrote:\nI miss you.\nAnd then nothing for a year.",
	"From: where I stand it looks different.\nTo: be honest I do not know.",
	"From: me\nTo: my sister\n\nI am sorry for what I said.",
	"To: Mum\nSubject: what I never said\nDate: 3 March 2020\n\nI love you.",
	"From: Hamburg\nTo: Kiel\nDate: 3 March 2026\n\nThat is my train. I am afraid of it.",
	"Date: Wednesday, 3 March 2026\nTime: 7 pm\nPlace: her kitchen\n\nThat is when I told her.",
	"Subject: trust. I think about it every day.",
	"My list:\n- call her\n- say it\n- wait",
	"Three things:\n\n1. I lied.\n2. I was afraid.\n3. I am still afraid.",
	"I think\n\n---\n\nno, I know that it was my fault, and I am going to tell her so tomorrow.",
	"Before.\n\n----------------\n\nAfter that evening nothing was as it had been, and I knew why.",
	"Before\n--\nAfter that evening nothing was as it had been, and I knew why it was so.\n" +
		"I stayed away. She stayed at home.\nWe did not speak for a year.\n" +
		"Then I wrote to her, because I could not bear it any longer.",
	"*****\n\nThat is how many stars I would give this week, and last week I would have given it none.",
	"More than 100 came\n> 100 that is\nand I knew none of them.",
	"Look at this:\n>>> hello <<<\nThat is what her message looked like.",
	"We are 5 > 3, she said.",
	"I feel :( and then :) again.",
	"He said that was confidential, so I did not tell her.",
	"I was at work. I sent from my phone a message to her.",
	"Sent from my desk, which is quieter than my phone.",
	"Sent from my heart to yours.\n\nThat is what the card said.",
	"Regards to my mother, who never reads these.",
	"Best of all was the walk.",
	"Thanks for asking. It was hard.",
	"Begin forwarded message: that is how his mail began, and I stopped reading.",
	"The original message was lost. I wrote it again.",
	"-- and then she left.\n-- and then I cried.",
	"Her number is 0123 456789.\nI have not called it.",
	"Here is her new address:\n\nAnn Example\nHarbour Street 1\n24103 Kiel\n+49 431 5550100\nann@example.org",
	"Ann Example\nHarbour Street 1\n24103 Kiel\n+49 431 5550100",
	"The two links that helped me:\nhttps://example.org/one\nhttps://example.org/two",
	"Monday: we talked.\nTuesday: we did not.\nWednesday: she wrote.",
	"I wrote down what I said and what she said:\n\nMe: I am sorry.\nHer: I know.\nMe: Will you come?\nHer: Not yet.",
	"Call me at 10:15 or write to ann@example.org:",
	"I wrote to ann@example.org on 3 March 2026 and this is what I told her:\n\nI lied about the money.",
	"What I wrote to Ben <ben@example.org> was this:\n\nI lied about the money.",
	"A letter to my father\n\nDear Dad,\n\nYou never answered.\n\nYour son",
	"You asked: what kept you awake?\nMy answer: the money.",
	"1) I called\n2) she answered\n3) we cried",
	"Virus or not, she came to see me.",
	"- Ann came.\n- Ben did not.",
	"We said goodbye at 10.\n\nLove,\nAnn",
	"Thank you for the question, I needed it.\n\nYours\nBen",
	"Ann wrote on 3 March:\n\nI miss you.\n\nI kept that.",
	"I consider the environment that I grew up in.\n\nIt was loud.",
	"My number is\n+49 431 5550100",
	"What she said, word for word:\n\n\"I am not angry.\"\n\n\"I am tired.\"",
	"Yes\n\nNo\n\nI do not know",
	"10:15\nThat was when she called.",
	"2026-03-03\nA bad day.\n\n2026-03-04\nA better one.",
	"=== before ===\nI lied.\n=== after ===\nI told her.",
	"a\n-\nb",
	"Thanks\nfor the letter",
	"Love, I think, is not the word.\nTrust is.",
	"I asked her on 3 March 2026, 10:15, in the kitchen <the small one>:\n\nWill you come?\n\nShe came.",
	"My father (ben@example.org) wrote:\n\nhe is sorry.\n\nFor the first time.",
	"-Ann and Ben-\n\nThat is what the card said.",
	"To do:\n\n-call Ann\n-call Ben",
	"I said this:\n\n—I lied.\n\n—I know, she said.",
	"I am not confident that this letter is for me. It reads as if intended for someone else, an error, " +
		"and I want to delete it, but I keep it.",
}

func TestProseThatLooksLikeMarksIsKept(t *testing.T) {
	for _, words := range prose {
		if got := inbox.ReadText(words, inbox.Letter{}); got.Words != words {
			t.Errorf("got  %q\nwant %q\n%s", got.Words, words, removed(got))
		}
	}
}

func TestProseIsKeptAmongOtherProse(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	pick := func() string { return prose[r.IntN(len(prose))] }
	for range 3000 {
		words := pick() + "\n\nI thought about it for a day.\n\n" + pick() + "\n\nThat is all that I can say about it."
		text := words
		if r.IntN(2) == 0 {
			text += "\n\nOn Tue, 3 Mar 2026 at 10:15, Mend <r@mend.test> wrote:\n\n> Zephyr quoll\n"
		}
		if got := inbox.ReadText(text, inbox.Letter{}); got.Words != words {
			t.Fatalf("got  %q\nwant %q\n%s", got.Words, words, removed(got))
		}
	}
}

// A line of twenty underscores and more is drawn by programs, above a signature, and by people.
func TestWordsBelowALongLineAreKept(t *testing.T) {
	for _, words := range []string{
		"I woke early.\n____________________\nIn the evening we cooked.",
		"I woke early.\n____________________\nI told him why.\n____________________\nWe cooked.",
		"What I did:\n_________________________\n- called Ann\n- wrote to Ben",
		"It went well.\n________________________________________\nAnd with you?",
	} {
		if got := inbox.ReadText(words, inbox.Letter{}); got.Words != words {
			t.Errorf("got  %q\nwant %q\n%s", got.Words, words, removed(got))
		}
	}
}

// What is not the author's, beyond the layouts that are generated.
func TestOwnWordsAmongTheRest(t *testing.T) {
	const quote = "\n\n> Zephyr quoll\n"
	tests := []struct{ name, text, want string }{
		{"glued to the words", "Yes, on Sunday. On Tue, 3 Mar 2026 at 10:15, Mend <r@mend.test> wrote:\n> How?",
			"Yes, on Sunday."},
		{"glued, German", "Ja, am Sonntag. Am 03.03.2026 um 10:15 schrieb Mend <r@mend.test>:\n> Wie?",
			"Ja, am Sonntag."},
		{"quote glued to the attribution", "Yes.\n\nOn 3 Mar 2026, at 10:15, Mend <r@mend.test> wrote:> How?\n> Why?",
			"Yes."},
		{"bare address", "Yes.\nSent from my iPhone\n\nr@mend.test wrote:\n\nHow are you?", "Yes."},
		{"name only", "Yes.\n\nMend wrote:\n> How are you?", "Yes."},
		{"Android", "Yes.\n\n---- Mend wrote ----\n\n> How are you?", "Yes."},
		{"Zoho", "Yes.\n\n---- On Tue, 03 Mar 2026 10:15:22 +0100 Mend <r@mend.test> wrote ----\n\nHow are you?",
			"Yes."},
		{"Horde", "Yes.\n\nQuoting Mend <r@mend.test>:\n\n> How are you?", "Yes."},
		{"no verb, no colon", "Yes.\n\n2026/3/3 Mend <r@mend.test>\n\n> How are you?", "Yes."},
		{"GroupWise", "Yes.\n\n>>> Mend <r@mend.test> 3/3/2026 10:15 AM >>>\n\nHow are you?", "Yes."},
		{"name first", "Yes.\n\nMend schrieb am 03.03.2026 um 10:15:\n\nHow are you?", "Yes."},
		{"name first, English", "Yes.\n\nMend wrote on 3/3/2026 10:15 AM:\n> How are you?", "Yes."},
		{"Lotus Notes", "Yes.\n\n\n\nFrom:\tMend <r@mend.test>\nTo:\tanna@example.org\nDate:\t03.03.2026 10:15\n" +
			"Subject:\tOne question\n\n\n\nHow are you?", "Yes."},
		{"mutt", "Yes.\n\nOn Tue, Mar 03, 2026 at 10:15:22AM +0100, Mend wrote:\n> How are you?", "Yes."},
		{"Claws", "Yes.\n\nOn Tue, 3 Mar 2026 10:15:22 +0100\nMend <r@mend.test> wrote:\n\n> How are you?", "Yes."},
		{"Gnus", "Yes.\n\nMend <r@mend.test> writes:\n\n> How are you?", "Yes."},
		{"Pine", "Yes.\n\nOn Tue, 3 Mar 2026, Mend wrote:\n\n> How are you?", "Yes."},
		{"Superhuman", "Yes.\n\nSent via Superhuman\n\nOn Tue, Mar 03, 2026 at 10:15 AM, " +
			"Mend < r@mend.test > wrote:\n\nHow are you?", "Yes."},
		{"AOL", "Yes.\n\n-----Original Message-----\nFrom: Mend <r@mend.test>\nTo: anna <anna@example.org>\n" +
			"Sent: Tue, Mar 3, 2026 10:15 am\nSubject: One question\n\nHow are you?", "Yes."},
		{"flattened", "Yes. ________________________________ From: Mend <r@mend.test> Sent: Tuesday, " +
			"3 March 2026 10:15 To: Anna Subject: One question How are you?", "Yes."},
		{"Apple, forwarded", "For you.\n\nBegin forwarded message:\n\nFrom: Ben <ben@example.org>\nSubject: hello\n" +
			"Date: 3 March 2026\nTo: Anna\n\nHello.", "For you."},
		{"several quotes in a row", "Yes.\n\nOn Tue, 3 Mar 2026 at 10:15, Mend <r@mend.test> wrote:\n\nHow?\n\n" +
			"On Mon, 2 Mar 2026 at 10:15, Ann <ann@example.org> wrote:\n\nWell.", "Yes."},
		{"one answer close to a wrapped attribution",
			"On 3 Mar 2026, at 10:15, Mend\n<r@mend.test>\nwrote:\n> How are you?\nWell.\n", "Well."},
		{"answers close to the quote",
			"On 3 Mar 2026, at 10:15, Mend <r@mend.test> wrote:\n> How are you?\nWell.\n> And she?\nShe too.\n",
			"Well.\nShe too."},
		{"bars", "Yes.\n\n2026/3/3 Mend <r@mend.test>\n\n| How are you?\n| Are you well?", "Yes."},
		{"initials", "Yes.\n\nM> How are you?\nM> Are you well?\n\nWell enough.", "Yes.\n\nWell enough."},
		{"a letter that asks to reply above", "Yes.\n\n## Please reply above this line ##\n\nHow are you?", "Yes."},
		{"answer below an unmarked head", "On Tue, 3 Mar 2026 at 10:15, Mend <r@mend.test> wrote:\n\nI am well.",
			"I am well."},
		{"nothing but a quote",
			"-----Original Message-----\nFrom: Mend\nSent: today\nSubject: One question\n\nHow are you?", ""},
		{"wrapped by a server", "Yes.\n\n> look at https://example.org/one?two=\nthree-four\n> and at the rest",
			"Yes."},

		{"delimiter", "Yes.\n-- \nAnn Example\nHarbour Street 1", "Yes."},
		{"delimiter and quotation",
			"Yes.\n\n-- \nWe are such stuff as dreams are made on, and our little life is rounded with a sleep.",
			"Yes."},
		{"dash", "A good day.\n\n—\n\nAnn", "A good day."},
		{"name behind a dash", "A good day.\n\n—Ann", "A good day."},
		{"name behind a dash below a list", "Two things:\n\n- one\n- two\n\n-Ann", "Two things:\n\n- one\n- two"},
		{"name behind a slash", "A good day.\n\n/Ann" + quote, "A good day."},
		{"name behind a dash below a closing", "A good day.\n\nBest regards,\n\n//Ann" + quote,
			"A good day.\n\nBest regards,\n\n//Ann"},
		{"contact details",
			"A good day.\n\nAnn Example\nHarbour master\nTel: +49 431 5550100\nann@example.org\nwww.example.org",
			"A good day."},
		{"contact details, bold", "A good day.\n\n*Ann Example* | *Harbour master*\n*Call me +49 431 5550100*\n\n" +
			"[image: logo]\n\nHarbour Street 1, 24103 Kiel", "A good day."},
		{"contact details below a closing",
			"A good day.\n\nBest regards,\nAnn Example\nHarbour master\nTel: +49 431 5550100\nann@example.org",
			"A good day.\n\nBest regards,"},
		{"postscript", "A good day.\n\nAnn Example\nTel: +49 431 5550100\nann@example.org\n\nPS: I called her.",
			"A good day.\n\nAnn Example\nTel: +49 431 5550100\nann@example.org\n\nPS: I called her."},
		{"legal text", "A good day.\n\nThis e-mail and any attachments are confidential and intended solely for the " +
			"addressee. If you have received this e-mail in error please notify the sender and delete it.",
			"A good day."},
		{"legal text, German", "Ein guter Tag.\n\nDiese E-Mail enthält vertrauliche und/oder rechtlich geschützte " +
			"Informationen. Wenn Sie nicht der richtige Adressat sind, informieren Sie bitte sofort den Absender und " +
			"vernichten Sie diese Mail.", "Ein guter Tag."},
		{"environment", "A good day.\n\nAnn\n\nPlease consider the environment before printing this e-mail.",
			"A good day.\n\nAnn"},
		{"contact details, with a line of dashes",
			"A good day.\n\nAnn\n---------------------\nAnn Example\nHarbour Street 1\n24103 Kiel",
			"A good day.\n\nAnn"},
		{"contact details, between bars",
			"A good day.\n\n*Ann Example* | Harbour master\nKiel | www.example.org | +49 431 5550100", "A good day."},
		{"telephone only", "A good day.\n\nAnn Example\n+49 431 5550100", "A good day."},
		{"scanner", "A good day.\n\nVirus-free. www.avast.com", "A good day."},
		{"banner", "CAUTION: This email originated from outside of your organization. " +
			"Do not click links or open attachments unless you recognize the sender.\n\nA good day.", "A good day."},
		{"name of a picture", "A good day.\n\n<image001.png>\n", "A good day."},
		{"banner with a line drawn below", "CAUTION: This email originated from outside of your organization. " +
			"Do not click links.\n________________________________\n\nA good day.", "A good day."},
		{"banner of Outlook", "You don't often get email from r@mend.test. Learn why this is important\n\nA good day.",
			"A good day."},
		{"banner glued to the words", "[External Email]\nA good day.", "A good day."},
		{"banner wrapped", "CAUTION: This email originated from outside of your organization. Do not\n" +
			"click links or open attachments unless you recognise who sent it to you and\nknow the content.\n" +
			"A good day.", "A good day."},
		{"device line first", "Sent from my iPhone\n\nA good day.", "A good day."},
		{"device line, with an apology", "A good day.\n\nSent from my phone, please excuse typos.", "A good day."},
		{"device line, carrier", "A good day.\n\nSent from my Galaxy S21, an AT&T 5G smartphone", "A good day."},
		{"device line, linked", "A good day.\n\nSent from Mail<https://example.org/x> for Windows", "A good day."},
		{"list footer", "A good day.\n\n_______________________________________________\nwalkers mailing list\n" +
			"walkers@lists.example.org", "A good day."},
		{"closing below the quote",
			"A good day.\n\nOn 3 Mar 2026, at 10:15, Mend <r@mend.test> wrote:\n> How?\n\nBest regards,\nAnn Example",
			"A good day."},
		{"words below the quote",
			"On 3 Mar 2026, at 10:15, Mend <r@mend.test> wrote:\n> How?\n\nWell.\n\nBest regards,\nAnn",
			"Well.\n\nBest regards,\nAnn"},
		{"PGP", "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nA good day.\n-----BEGIN PGP SIGNATURE-----\n\n" +
			"iQEzBAEBCAAd\n=abcd\n-----END PGP SIGNATURE-----\n", "A good day."},
		{"left quoted-printable",
			"It was a very long day, and it seemed to me that it would not end, but i=\n" +
				"t did, in the caf=C3=A9 by the river, where she said that she had forgiven =\n" +
				"me, and we had tea in the ros=C3=A9 garden.",
			"It was a very long day, and it seemed to me that it would not end, but it did, " +
				"in the café by the river, where she said that she had forgiven me, " +
				"and we had tea in the rosé garden."},
	}
	for _, test := range tests {
		if got := inbox.ReadText(test.text, inbox.Letter{}); got.Words != test.want {
			t.Errorf("%s\ngot  %q\nwant %q\n%s", test.name, got.Words, test.want, removed(got))
		}
	}
}

func TestAnswersBetweenTheLines(t *testing.T) {
	m := inbox.ReadText("On 3 Mar 2026, at 10:15, Mend <r@mend.test> wrote:\n> What did you hear?\n\n"+
		"That she is tired.\n\nAnd sad.\n\n> What kept you awake?\n> All night?\n\nThe money.\n", inbox.Letter{})
	if want := "That she is tired.\n\nAnd sad.\n\nThe money."; m.Words != want {
		t.Errorf("words %q, want %q", m.Words, want)
	}
	// Outlook can set a mark before each line of HTML.
	page := "<p>On 3 Mar 2026, at 10:15, Mend &lt;r@mend.test&gt; wrote:</p><p>&gt; What did you hear?</p>" +
		"<p>That she is tired.</p><p>&gt; What kept you awake?</p><p>The money.</p>"
	if got, want := inbox.ReadHTML(page, inbox.Letter{}).Words, "That she is tired.\n\nThe money."; got != want {
		t.Errorf("words of marked HTML %q, want %q", got, want)
	}
	want := []inbox.Answer{
		{Question: "What did you hear?", Words: "That she is tired.\n\nAnd sad."},
		{Question: "What kept you awake?\nAll night?", Words: "The money."},
	}
	if len(m.Answers) != 2 || m.Answers[0] != want[0] || m.Answers[1] != want[1] {
		t.Errorf("answers %q, want %q", m.Answers, want)
	}
}

const ourLetter = `Good morning Ann,

Most apologies fail at the word "but". It takes back what was
just given, and the other person hears only what follows it.

Today's practice: say one thing that you did, and stop there.

What did you hear the last time that somebody said sorry to you?

You can pause, change or stop these letters at any time.`

func TestOurLetterIsKnownByItsWords(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"no marks at all", "That it was not their fault.\n\n" + ourLetter, "That it was not their fault."},
		{"wrapped anew", "That it was not their fault.\n\nGood morning Ann,\n" +
			"Most apologies fail at the word \"but\". It takes back what was just given, and the\n" +
			"other person hears only what follows it. Today's practice: say one thing that you did,\nand stop there.",
			"That it was not their fault."},
		{"answered between unmarked lines", "From: Mend <r@mend.test>\nSent: Tuesday, 3 March 2026 10:15\n" +
			"To: Ann\nSubject: One question\n\nGood morning Ann,\n\n" +
			"Most apologies fail at the word \"but\". It takes back what was\n" +
			"just given, and the other person hears only what follows it.\n\n" +
			"I know that one well.\n\n" +
			"Today's practice: say one thing that you did, and stop there.\n\n" +
			"What did you hear the last time that somebody said sorry to you?\n\n" +
			"That it was raining.\n\n" +
			"You can pause, change or stop these letters at any time.",
			"I know that one well.\n\nThat it was raining."},
		{"a phrase of the letter above a quote with marks",
			"Say one thing that you did.\n\nOn Tue, 3 March 2026, Mend <r@mend.test> wrote:\n> " +
				strings.ReplaceAll(ourLetter, "\n", "\n> "), "Say one thing that you did."},
		{"lines that each stand somewhere in the letter",
			"One thing that you did.\nThe other person hears.\n\nOn Tuesday, Mend wrote:\n> Hello\n",
			"One thing that you did.\nThe other person hears."},
		{"words of the author that the letter has too", "I am sorry. What did you hear?",
			"I am sorry. What did you hear?"},
	}
	for _, test := range tests {
		got := inbox.ReadText(test.text, inbox.Letter{Text: ourLetter})
		if got.Words != test.want {
			t.Errorf("%s\ngot  %q\nwant %q\n%s", test.name, got.Words, test.want, removed(got))
		}
	}
}

func TestProseIsKeptInEveryLayout(t *testing.T) {
	english := readTongues(t)[0]
	for name, layout := range textLayouts {
		for i, words := range prose {
			if name == "below the quote" && strings.Contains(words, "\n>") {
				continue // there, a line with a mark is a quote
			}
			text := layout(words, english.attributions[i%len(english.attributions)])
			if got := inbox.ReadText(text, inbox.Letter{}); got.Words != words {
				t.Errorf("%s\ngot  %q\nwant %q\nfrom\n%s\n%s", name, got.Words, words, text, removed(got))
			}
		}
	}
	for _, block := range english.blocks {
		for _, words := range prose {
			text := words + "\n\n" + strings.ReplaceAll(block, "|", "\n") + "\n\n" + plain(quotedLetter)
			if got := inbox.ReadText(text, inbox.Letter{}); got.Words != words {
				t.Errorf("header block\ngot  %q\nwant %q\nfrom\n%s\n%s", got.Words, words, text, removed(got))
			}
		}
	}
	for _, client := range replies.Pages {
		for _, words := range prose {
			if client.Unmarked || client.Name == "Naver" && strings.Contains(words, "\n>") {
				continue // it quotes without containers, so a mark may be one
			}
			got := inbox.ReadHTML(page(client, words, english.attributions[1], english.blocks[0]), inbox.Letter{})
			if sparse(got.Words) != sparse(words) {
				t.Errorf("%s\ngot  %q\nwant %q\n%s", client.Name, got.Words, words, removed(got))
			}
		}
	}
}
