package simulation

import (
	"fmt"

	"example.org/mend/shared/capacity"
)

// Prices of us-east-1 on demand, in November 2026, in US dollars, beside those of package capacity.
const (
	usdLetter  = 0.10 / 1e3
	usdMailIn  = 0.10 / 1e3 // that SES receives
	usdChunkIn = 0.09 / 1e3 // of 256 KB of it; we count one for every mail
	usdS3Put   = 5.0 / 1e6  // deletions are free
	usdS3Get   = 0.40 / 1e6
	usdSNS     = 0.50 / 1e6 // what SES publishes; that it goes on to SQS is free
	usdAPI     = 1.0 / 1e6  // requests to the HTTP API
	usdLogGB   = 0.50
	freeSQS    = 1e6 // requests a month, for every account
)

// billLine is a line of a bill: what, how much of it, and what one of it costs in dollars.
type billLine struct {
	what   string
	n, usd float64
	always bool // printed also where there is none
}

func linesOf(b capacity.Bill) []billLine {
	return []billLine{
		{"DynamoDB write units", b.WRU, capacity.USDWRU, true},
		{"DynamoDB read units", b.RRU, capacity.USDRRU, true},
		{"SQS requests", b.SQSRequests, capacity.USDSQS, true},
		{"Lambda requests", b.LambdaRequests, capacity.USDLambda, true},
		{"Lambda GB-seconds", b.LambdaGBs, capacity.USDGBSecond, true},
		{"S3 puts", b.S3Puts, usdS3Put, false},
		{"S3 gets", b.S3Gets, usdS3Get, false},
		{"SNS messages", b.SNSMessages, usdSNS, false},
		{"HTTP API requests", b.APIRequests, usdAPI, false},
	}
}

func sumOf(b capacity.Bill) (usd float64) {
	for _, l := range linesOf(b) {
		usd += l.n * l.usd
	}
	return usd
}

// BillLines are the lines of a bill in words.
func BillLines(b capacity.Bill) (lines []string) {
	for _, l := range linesOf(b) {
		if l.always || l.n > 0 {
			lines = append(lines, fmt.Sprintf("%-24s %14.0f  $%.4f", l.what, l.n, l.n*l.usd))
		}
	}
	return lines
}

// KeptLines are the lines of what the table holds for good.
func KeptLines(k capacity.Kept) []string {
	line := func(what string, bytes, usd float64) string {
		return fmt.Sprintf("%-24s %11.2f GB  $%.2f a month", what, 1e6*bytes/(1<<30), usd)
	}
	return []string{
		line("letters' records", k.LetterBytes, k.USDMonthPerMillionLetters),
		line("replies", k.ReplyBytes, k.USDMonthPerMillionReplies),
		line("people", k.PersonBytes, k.USDMonthPerMillionPeople),
	}
}
