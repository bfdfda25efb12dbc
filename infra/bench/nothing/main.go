// Command nothing is a function on AWS that does nothing: what aws-lambda-go itself costs.
package main

import "github.com/aws/aws-lambda-go/lambda"

func main() { lambda.Start(func() {}) }
