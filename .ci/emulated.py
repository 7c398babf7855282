"""Makes the template into one that ministack deploys: emulated.py TEMPLATE ARCHITECTURE, to standard output.

What is left out is what it refuses (CodeDeploy, alarms that compute) and what it does not look at: it makes no
routes of SAM's HttpApi events, so they are written out here, one for one. Functions, tables, streams, queue, buckets
and schedules stay as they are."""

import sys

from samcli.yamlhelper import yaml_dump, yaml_parse

with open(sys.argv[1], encoding="utf-8") as f:
    template = yaml_parse(f.read())
resources = template["Resources"]
template["Globals"]["Function"]["Architectures"] = [sys.argv[2]]

for name, resource in list(resources.items()):
    if resource["Type"] == "AWS::CloudWatch::Alarm":
        del resources[name]
    elif resource["Type"] == "AWS::Serverless::HttpApi":
        resources[name] = {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": name, "ProtocolType": "HTTP"}}
        resources[name + "Stage"] = {
            "Type": "AWS::ApiGatewayV2::Stage",
            "Properties": {"ApiId": {"Ref": name}, "StageName": "$default", "AutoDeploy": True},
        }
    elif resource["Type"] == "AWS::Serverless::Function":
        properties = resource["Properties"]
        properties.pop("DeploymentPreference", None)
        resource["Metadata"].pop("BuildProperties", None)  # so that the cache of Go's tests will do
        events = properties.get("Events", {})
        for event in [e for e in events if events[e]["Type"] == "HttpApi"]:
            route = events.pop(event)["Properties"]
            key = f"{route['Method']} {route['Path']}" if "Path" in route else "$default"
            integration = name + "Integration"
            resources[integration] = {
                "Type": "AWS::ApiGatewayV2::Integration",
                "Properties": {
                    "ApiId": route["ApiId"],
                    "IntegrationType": "AWS_PROXY",
                    "IntegrationUri": {"Fn::GetAtt": [name, "Arn"]},
                    "PayloadFormatVersion": "2.0",
                },
            }
            resources[name + event + "Route"] = {
                "Type": "AWS::ApiGatewayV2::Route",
                "Properties": {
                    "ApiId": route["ApiId"],
                    "RouteKey": key,
                    "Target": {"Fn::Join": ["/", ["integrations", {"Ref": integration}]]},
                },
            }

print(yaml_dump(template))
