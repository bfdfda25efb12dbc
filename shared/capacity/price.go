package capacity

import (
	_ "embed"
	"encoding/json"
	"fmt"
)

// Prices of us-east-1 on demand, in November 2026, in US dollars.
const (
	USDWRU      = 0.625 / 1e6
	USDRRU      = 0.125 / 1e6
	USDSQS      = 0.40 / 1e6
	USDLambda   = 0.20 / 1e6
	USDGBSecond = 0.0000133334 // arm64
	USDLetter   = 0.10 / 1e3
	USDMailIn   = 0.10 / 1e3 // that SES receives
	USDChunkIn  = 0.09 / 1e3 // of 256 KB of it; we count one for every mail
	USDS3Put    = 5.0 / 1e6  // deletions are free
	USDS3Get    = 0.40 / 1e6
	USDSNS      = 0.50 / 1e6  // what SES publishes; that it goes on to SQS is free
	USDAPI      = 1.0 / 1e6   // requests to the HTTP API
	USDKeptGB   = 0.25 + 0.20 // a month in the table, and in its backups
	USDLogGB    = 0.50
	FreeSQS     = 1e6 // requests a month, for every account
)

// Bill is what something costs, line by line.
type Bill struct {
	WRU            float64 `json:"wru"`
	RRU            float64 `json:"rru"`
	SQSRequests    float64 `json:"sqs_requests"`
	LambdaRequests float64 `json:"lambda_requests"`
	LambdaGBs      float64 `json:"lambda_gb_s"`
	S3Puts         float64 `json:"s3_puts,omitempty"`
	S3Gets         float64 `json:"s3_gets,omitempty"`
	SNSMessages    float64 `json:"sns_messages,omitempty"`
	APIRequests    float64 `json:"api_requests,omitempty"`
	USDBesidesSES  float64 `json:"usd_besides_ses"`
	USDSES         float64 `json:"usd_ses"`

	// LogGB is what CloudWatch takes in. Up to 5 GB a month it is free, and so no part of the sum;
	// USDLogs is its price beyond.
	LogGB   float64 `json:"log_gb"`
	USDLogs float64 `json:"usd_logs_beyond_free_tier"`
}

// Sum is the price of a bill's lines, in dollars.
func (b Bill) Sum() float64 {
	return b.WRU*USDWRU + b.RRU*USDRRU + b.SQSRequests*USDSQS + b.LambdaRequests*USDLambda + b.LambdaGBs*USDGBSecond +
		b.S3Puts*USDS3Put + b.S3Gets*USDS3Get + b.SNSMessages*USDSNS + b.APIRequests*USDAPI
}

// Lines are the lines of a bill: what, how much of it, and its price in dollars.
func (b Bill) Lines() (lines []string) {
	for _, l := range []struct {
		what   string
		n, usd float64
		always bool
	}{
		{"DynamoDB write units", b.WRU, USDWRU, true},
		{"DynamoDB read units", b.RRU, USDRRU, true},
		{"SQS requests", b.SQSRequests, USDSQS, true},
		{"Lambda requests", b.LambdaRequests, USDLambda, true},
		{"Lambda GB-seconds", b.LambdaGBs, USDGBSecond, true},
		{"S3 puts", b.S3Puts, USDS3Put, false},
		{"S3 gets", b.S3Gets, USDS3Get, false},
		{"SNS messages", b.SNSMessages, USDSNS, false},
		{"HTTP API requests", b.APIRequests, USDAPI, false},
	} {
		if l.always || l.n > 0 {
			lines = append(lines, fmt.Sprintf("%-24s %14.0f  $%.4f", l.what, l.n, l.n*l.usd))
		}
	}
	return lines
}

// Price is the bill of a million check-ins, and of a month in which nothing is due. What check-ins
// bring with them depends on what people do, and so stands by itself.
type Price struct {
	PerMillion   Bill    `json:"per_million"`
	IdleMonth    Bill    `json:"idle_month"`
	IdleMonthUSD float64 `json:"idle_month_usd"`

	PerThousandReplies Bill `json:"per_thousand_replies"`
	PerThousandPages   Bill `json:"per_thousand_pages"`
	Kept               Kept `json:"kept"`
}

// With is the bill of a million check-ins with the replies and pages that they bring.
func (p Price) With(h Habits) (with struct{ USDBesidesSES, USDSES float64 }) {
	replies, pages := float64(h.Replies)/100*1e3, float64(h.Pages)/100*1e3 // thousands of them
	with.USDBesidesSES = p.PerMillion.USDBesidesSES + replies*p.PerThousandReplies.USDBesidesSES +
		pages*p.PerThousandPages.USDBesidesSES
	with.USDSES = p.PerMillion.USDSES + replies*p.PerThousandReplies.USDSES
	return with
}

// Kept is what the table holds for good: bytes with their index and with the hundred that DynamoDB
// adds to an item, in the table as in its backups.
type Kept struct {
	LetterBytes float64 `json:"letter_bytes"`
	ReplyBytes  float64 `json:"reply_bytes"`
	PersonBytes float64 `json:"person_bytes"` // with one subscription and the address

	USDMonthPerMillionLetters float64 `json:"usd_month_per_million_letters"`
	USDMonthPerMillionReplies float64 `json:"usd_month_per_million_replies"`
	USDMonthPerMillionPeople  float64 `json:"usd_month_per_million_people"`
}

// Lines are the lines of what is kept.
func (k Kept) Lines() []string {
	line := func(what string, bytes, usd float64) string {
		return fmt.Sprintf("%-24s %11.2f GB  $%.2f a month", what, 1e6*bytes/(1<<30), usd)
	}
	return []string{
		line("letters' records", k.LetterBytes, k.USDMonthPerMillionLetters),
		line("replies", k.ReplyBytes, k.USDMonthPerMillionReplies),
		line("people", k.PersonBytes, k.USDMonthPerMillionPeople),
	}
}

// measured is what `go run ./infra/lab price --write` counted in the simulated world, by quota.
//
//go:embed measured.json
var measured []byte

// Measured is a price that was counted at one quota.
type Measured struct {
	Quota float64 `json:"quota"` // letters a second that SES allows
	Price Price   `json:"price"`
}

// All lists what was measured, the smallest quota first.
func All() ([]Measured, error) {
	var all []Measured
	if err := json.Unmarshal(measured, &all); err != nil {
		return nil, fmt.Errorf("read the measured prices: %w", err)
	}
	return all, nil
}

// At is the price at a quota: that of the largest measured one that is no larger, where letters
// wait at least as long for their turn.
func At(quota float64) (Price, error) {
	all, err := All()
	if err != nil {
		return Price{}, err
	}
	found := all[0].Price
	for _, m := range all {
		if m.Quota <= quota {
			found = m.Price
		}
	}
	return found, nil
}
