"""Amazon Bedrock's inference: Converse, ConverseStream and InvokeModel, answered by what there is.

Behind them stands a model server that speaks OpenAI's API, a script, or nothing: then the answer is
AWS's own to an account without access to the model.
"""
