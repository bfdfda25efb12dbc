// Package e2e deploys the template to an emulator of AWS and walks the same journey there as package
// journey walks on one machine: through the HTTP API, the scheduler, SQS, S3, SNS and SES. `make e2e` runs it; it
// has a build tag of its own because it takes minutes.
package e2e
