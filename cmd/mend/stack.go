package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/smithy-go"
)

// stackFlag says which stack on AWS a command is about. The account and the region are those of the AWS
// command line: its profiles, its variables.
type stackFlag struct {
	Stack string `default:"mend" help:"The stack on AWS, in the account and region of the AWS settings (AWS_PROFILE, AWS_REGION)."`
}

// keyPath is where the keys of the stack are, as template.yaml has it.
func (f stackFlag) keyPath() string { return "/mend/" + f.Stack + "/keys" }

// aws is the configuration of the SDK clients.
func (f stackFlag) aws(ctx context.Context) (aws.Config, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return cfg, fmt.Errorf("read the AWS settings: %w", err)
	}
	if cfg.Region == "" {
		return cfg, errors.New("no AWS region is set: set AWS_REGION, or a region in your AWS profile")
	}
	return cfg, nil
}

// outputs are the outputs of the stack, by name.
func (f stackFlag) outputs(ctx context.Context, cfg aws.Config) (map[string]string, error) {
	out, err := cloudformation.NewFromConfig(cfg).DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &f.Stack})
	var api smithy.APIError
	if errors.As(err, &api) && api.ErrorCode() == "ValidationError" {
		return nil, fmt.Errorf("there is no stack %q in %s: `make deploy` makes one, --stack names another", f.Stack, cfg.Region)
	}
	if err != nil {
		return nil, fmt.Errorf("look at the stack %s: %w", f.Stack, err)
	}
	if len(out.Stacks) != 1 {
		return nil, fmt.Errorf("look at the stack %s: %d answers", f.Stack, len(out.Stacks))
	}
	found := map[string]string{}
	for _, o := range out.Stacks[0].Outputs {
		found[aws.ToString(o.OutputKey)] = aws.ToString(o.OutputValue)
	}
	return found, nil
}

// open reads settings and outputs at once.
func (f stackFlag) open(ctx context.Context) (aws.Config, map[string]string, error) {
	cfg, err := f.aws(ctx)
	if err != nil {
		return cfg, nil, err
	}
	found, err := f.outputs(ctx, cfg)
	return cfg, found, err
}

// agreed asks a question at the terminal. Only "yes" is yes.
func agreed(question string) bool {
	fmt.Print(question + " Type yes to go on: ")
	line, _ := bufio.NewReader(os.Stdin).ReadString('\n')
	return strings.TrimSpace(line) == "yes"
}
