// Package e2e deploys the template to an emulator of AWS and walks a whole journey there: through
// the HTTP API, the scheduler, SQS, S3, SNS and SES. Package journey walks the same on one machine.
// `make e2e` runs it; it has a build tag of its own because it takes minutes.
package e2e
